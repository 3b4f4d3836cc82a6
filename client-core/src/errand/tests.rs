mod attachment;
mod meanwhile;
