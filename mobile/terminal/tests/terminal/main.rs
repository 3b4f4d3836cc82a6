//! The program as people and scripts meet it: the real binary, a folder of its own, and no Centre but a broken one.

mod bad_input;
#[cfg(test)]
mod home;
mod manners;
mod no_network;
#[cfg(test)]
mod shapes;
mod work;
