//! A Centre: the real `tram-server` on a directory of its own.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{Postgres, Programs};

/// How long a server may take to print its address or to stop; far above what it needs on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which database a story runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// The embedded default.
    Sqlite,
    /// A throwaway PostgreSQL.
    Postgres,
}

impl Database {
    /// The name used in reports and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// In which role somebody is invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A citizen.
    Citizen,
    /// A postal worker.
    Postal,
    /// An officer.
    Officer,
    /// A head.
    Head,
    /// An operator.
    Operator,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Postal => "postal",
            Self::Officer => "officer",
            Self::Head => "head",
            Self::Operator => "operator",
        }
    }
}

/// What a server is started with besides its directory and database.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// Variables of its environment.
    pub variables: Vec<(String, String)>,
    /// The directory, if not a temporary one.
    pub data: Option<PathBuf>,
    /// The port, if it must be a certain one.
    pub port: Option<u16>,
}

/// A Centre with its directory and database; started and stopped as often as the story wants.
#[derive(Debug)]
pub struct Server {
    data: PathBuf,
    _directory: Option<TempDir>,
    postgres: Option<Postgres>,
    variables: Vec<(String, String)>,
    port: u16,
    running: Option<Child>,
}

impl Server {
    /// A Centre that is not running yet, with an address that is its own.
    #[must_use]
    pub fn prepare(database: Database, options: ServerOptions) -> Self {
        let directory = options
            .data
            .is_none()
            .then(|| tempfile::Builder::new().prefix("tram-centre-").tempdir().expect("a temporary directory"));
        let data = options.data.unwrap_or_else(|| directory.as_ref().expect("made above").path().to_owned());
        let postgres = (database == Database::Postgres).then(Postgres::start);
        Self {
            data,
            _directory: directory,
            postgres,
            variables: options.variables,
            port: options.port.unwrap_or_else(free_port),
            running: None,
        }
    }

    /// A running Centre.
    #[must_use]
    pub fn start(database: Database) -> Self {
        let mut server = Self::prepare(database, ServerOptions::default());
        server.up();
        server
    }

    /// Starts it (again) at its address, and waits until it answers.
    ///
    /// # Panics
    /// If it does not print its address, with its log.
    pub fn up(&mut self) {
        assert!(self.running.is_none(), "the server runs already");
        let log = std::fs::File::options().create(true).append(true).open(self.log()).expect("a log file");
        let mut child = self
            .command()
            .arg("serve")
            .args(self.place())
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let output = child.stdout.take().expect("standard output is piped");
        let (sender, receiver) = mpsc::channel();
        // The thread goes on reading, so that the server never waits for a full pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        self.running = Some(child);
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match receiver.recv_timeout(left) {
                Ok(line) if line.contains("http://") => return,
                Ok(_) => {}
                Err(_) => panic!("the server printed no address; its log:\n{}", self.read_log()),
            }
        }
    }

    /// Changes what the server finds in its environment when it starts the next time.
    pub fn set_variables(&mut self, variables: Vec<(String, String)>) {
        self.variables = variables;
    }

    /// The server's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The server's port on this machine.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The Centre's directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The address of its database; none for the embedded one.
    #[must_use]
    pub fn database_url(&self) -> Option<String> {
        self.postgres.as_ref().map(Postgres::url)
    }

    /// Everything the server logged so far.
    #[must_use]
    pub fn read_log(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// An invitation (`TRAM1-…`), made while the server runs or not.
    #[must_use]
    pub fn invite(&self, role: Role, unit: &str, name: &str) -> String {
        let output = self
            .command()
            .args(["admin", "invite"])
            .args(self.place())
            .args(["--role", role.name(), "--unit", unit, "--name", name])
            .output()
            .expect("the administration command starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "invite: {text}{}", String::from_utf8_lossy(&output.stderr));
        text.split_whitespace().last().expect("the invitation is the last word").to_owned()
    }

    /// Runs another command of the server's program on this Centre; answers its exit code and both outputs.
    #[must_use]
    pub fn administer(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = self.command().args(arguments).args(self.place()).output().expect("the command starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    /// Asks it to stop and waits.
    ///
    /// # Panics
    /// If it does not stop by itself with exit code 0.
    pub fn stop(&mut self) {
        let Some(mut child) = self.running.take() else { return };
        signal("-TERM", child.id());
        let until = Instant::now() + PATIENCE;
        loop {
            match child.try_wait().expect("a child can be waited for") {
                Some(status) => {
                    assert!(status.success(), "the server ended with {status}:\n{}", self.read_log());
                    return;
                }
                None if Instant::now() > until => {
                    let _ = child.kill();
                    panic!("the server does not stop:\n{}", self.read_log());
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let Some(mut child) = self.running.take() else { return };
        child.kill().expect("a running child can be killed");
        child.wait().expect("a killed child can be waited for");
    }

    /// The number of the process, while it runs.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.running.as_ref().map(Child::id)
    }

    /// Whether the process is alive.
    pub fn is_up(&mut self) -> bool {
        self.running.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// What really ran, from the database itself: its version, and how many rows it holds.
    #[must_use]
    pub fn evidence(&self) -> String {
        match &self.postgres {
            Some(postgres) => {
                let version = postgres.query("show server_version");
                let rows = self.rows().into_iter().map(|(_, rows)| rows).sum::<u64>();
                assert!(rows > 0, "nothing was written to PostgreSQL");
                format!("PostgreSQL {}: {rows} rows", version.split(' ').next().unwrap_or_default())
            }
            None => {
                let rows = self.rows().into_iter().map(|(_, rows)| rows).sum::<u64>();
                assert!(rows > 0, "nothing was written to SQLite");
                format!("SQLite {}: {rows} rows", rusqlite::version())
            }
        }
    }

    /// How many rows every table holds, by name; migrations' own bookkeeping left out.
    #[must_use]
    pub fn rows(&self) -> Vec<(String, u64)> {
        let tables = match &self.postgres {
            Some(postgres) => {
                let names = postgres.query("select tablename from pg_tables where schemaname = 'public' order by 1");
                names.lines().map(str::to_owned).collect()
            }
            None => sqlite_tables(&self.sqlite_file()),
        };
        tables
            .into_iter()
            .filter(|table| !table.starts_with('_'))
            .map(|table| (table.clone(), self.count(&table)))
            .collect()
    }

    fn count(&self, table: &str) -> u64 {
        let sql = format!("select count(*) from \"{table}\"");
        match &self.postgres {
            Some(postgres) => postgres.query(&sql).parse().expect("a count is a number"),
            None => open_sqlite(&self.sqlite_file())
                .query_row(&sql, [], |row| row.get::<_, i64>(0))
                .expect("a count")
                .unsigned_abs(),
        }
    }

    /// The embedded database's file.
    fn sqlite_file(&self) -> PathBuf {
        let entries = std::fs::read_dir(&self.data).expect("the Centre's directory can be read").flatten();
        let is_sqlite = |path: &PathBuf| std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"));
        entries.map(|entry| entry.path()).filter(|path| path.is_file()).find(is_sqlite).expect("a SQLite file")
    }

    fn log(&self) -> PathBuf {
        self.data.with_extension("log")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&Programs::built().server);
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command
    }

    fn place(&self) -> Vec<String> {
        let mut arguments = vec!["--data".to_owned(), self.data.display().to_string()];
        if let Some(postgres) = &self.postgres {
            arguments.extend(["--database-url".to_owned(), postgres.url()]);
        }
        arguments
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("the server's log:\n{}", self.read_log());
        }
        let _ = std::fs::remove_file(self.log());
    }
}

/// Sends a signal to one process that this story started.
pub(crate) fn signal(name: &str, process: u32) {
    let status = Command::new("kill").args([name, &process.to_string()]).status().expect("kill runs");
    assert!(status.success(), "the process {process} is gone already");
}

/// A port that nobody listens on now. Devices know the Centre's address before it runs, so it must be chosen first.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("a bound socket has an address").port()
}

fn open_sqlite(file: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(file).expect("the database opens");
    connection.busy_timeout(PATIENCE).expect("a timeout can be set");
    connection
}

fn sqlite_tables(file: &Path) -> Vec<String> {
    let connection = open_sqlite(file);
    let mut statement = connection
        .prepare(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by 1",
        )
        .expect("the schema can be read");
    let names = statement.query_map([], |row| row.get(0)).expect("the schema can be read");
    names.map(|name| name.expect("a table has a name")).collect()
}
