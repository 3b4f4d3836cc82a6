//! A throwaway PostgreSQL: its own directory, no TCP port, gone with the value.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A running PostgreSQL with nothing in it.
///
/// It does not sync to disk: the stories kill the server that uses it, never the database itself.
#[derive(Debug)]
pub struct Postgres {
    directory: TempDir,
    binaries: PathBuf,
}

impl Postgres {
    /// Makes and starts one; about a second.
    ///
    /// # Panics
    /// If PostgreSQL is not installed: a story that would silently skip a database is worth nothing.
    #[must_use]
    pub fn start() -> Self {
        let binaries = binaries().expect("PostgreSQL is not installed: apt-get install postgresql");
        let directory = tempfile::Builder::new().prefix("tram-pg-").tempdir().expect("a temporary directory");
        let postgres = Self { directory, binaries };
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(postgres.path()));
        }
        let data = postgres.path().join("data");
        let mut initdb = postgres.as_owner("initdb");
        initdb.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        run(&mut initdb);
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off -c full_page_writes=off",
            postgres.path().display()
        );
        let mut start = postgres.as_owner("pg_ctl");
        start.arg("-D").arg(&data).arg("-l").arg(postgres.path().join("log")).args(["-w", "-o", &options, "start"]);
        run(&mut start);
        postgres
    }

    /// The address that `tram-server --database-url` takes.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.path().display())
    }

    /// The answer of a query, as one text.
    #[must_use]
    pub fn query(&self, sql: &str) -> String {
        let output = Command::new(self.binaries.join("psql"))
            .args(["-U", "postgres", "-At", "-h"])
            .arg(self.path())
            .args(["-c", sql, "postgres"])
            .output()
            .expect("psql runs");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// PostgreSQL refuses to run as root; there it runs as the user its package makes.
    fn as_owner(&self, program: &str) -> Command {
        let program = self.binaries.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.path());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.path().join("data");
        let _ = self
            .as_owner("pg_ctl")
            .arg("-D")
            .arg(data)
            .args(["-m", "immediate", "stop"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

/// The newest installed version's programs.
fn binaries() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, path)| path.join("initdb").is_file())
        .collect();
    found.sort();
    let installed = found.pop().map(|(_, path)| path);
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|directory| directory.join("initdb").is_file())
    };
    installed.or_else(on_path)
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().expect("the command starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
