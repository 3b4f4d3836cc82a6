//! The program as people and scripts meet it: the real binary, a folder of its own, and no Centre but a broken one.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod home;
#[cfg(test)]
mod manners;
#[cfg(test)]
mod no_network;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod work;
