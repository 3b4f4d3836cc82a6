//! What a process cost, as the kernel counts it: memory at its highest, time of the processors, flushes to disk.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A process under watch.
#[derive(Debug)]
pub struct Watched {
    process: u32,
    tracer: Option<(Child, tempfile::TempDir)>,
}

impl Watched {
    /// Watches memory and time of a process.
    #[must_use]
    pub fn over(process: u32) -> Self {
        Self { process, tracer: None }
    }

    /// Also counts flushes to disk, where the machine has `strace` and lets it trace. It slows the process down, so no
    /// time is to be measured meanwhile.
    #[must_use]
    pub fn traced(process: u32) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let trace = directory.path().join("trace");
        let tracer = Command::new("strace")
            .args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-o"])
            .arg(&trace)
            .args(["-p", &process.to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let watched = Self { process, tracer: tracer.ok().map(|tracer| (tracer, directory)) };
        watched.wait_until_traced()
    }

    fn wait_until_traced(mut self) -> Self {
        while let Some((tracer, _)) = &mut self.tracer {
            let status = std::fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap_or_default();
            if status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0")) {
                break;
            }
            if !matches!(tracer.try_wait(), Ok(None)) {
                self.tracer = None;
            }
            std::thread::yield_now();
        }
        self
    }

    /// Forgets the highest memory so far, so that the next reading is of what comes now.
    pub fn begin(&self) {
        let _ = std::fs::write(format!("/proc/{}/clear_refs", self.process), "5");
    }

    /// The highest resident memory since [`Watched::begin`].
    #[must_use]
    pub fn peak_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
    }

    /// Processor time of the process so far, true to a hundredth of a second.
    #[must_use]
    pub fn processor(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process)).ok()?;
        // The name, in parentheses, may hold blanks; user and system time are the 12th and 13th field after it.
        let (_, fields) = stat.rsplit_once(") ")?;
        let ticks = |at: usize| fields.split(' ').nth(at)?.parse::<u64>().ok();
        Some(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
    }

    /// Flushes to disk so far, if they are counted.
    #[must_use]
    pub fn flushes(&self) -> Option<u64> {
        let (_, directory) = self.tracer.as_ref()?;
        let trace = std::fs::read_to_string(directory.path().join("trace")).ok()?;
        Some(trace.lines().filter(|line| line.contains("sync(") && !line.contains("resumed")).count() as u64)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some((mut tracer, _directory)) = self.tracer.take() {
            // The interrupt lets it detach, so that the process goes on.
            crate::server::signal("-INT", tracer.id());
            let _ = tracer.wait();
        }
    }
}
