//! Where a population's data are: in a file, or in a database of PostgreSQL that is made for it and dropped, behind one node or
//! several.

use std::path::Path;

use crate::failure::{Outcome, While};
use crate::options::Options;
use crate::process::{Process, command, run};

/// A kind of storage that was asked for.
#[derive(Clone, Debug)]
pub struct Storage {
    /// What the table calls it.
    pub name: String,
    /// A database of the server in which others are made; none for a file.
    server: Option<String>,
    /// NATS, for several nodes.
    bus: Option<String>,
    nodes: usize,
}

/// Storage of one population.
pub struct PreparedStorage<'a> {
    program: &'a Path,
    data: &'a Path,
    arguments: Vec<String>,
    bus: Option<String>,
    nodes: usize,
    dropped: Option<(String, String)>,
}

impl Storage {
    /// All that were asked for: a file always, so that everything else stands beside it.
    pub fn asked(options: &Options) -> Vec<Self> {
        let file = Self {
            name: "SQLite".to_owned(),
            server: None,
            bus: None,
            nodes: 1,
        };
        let mut asked = vec![file];
        if let Some(server) = &options.database {
            asked.push(Self {
                name: "PostgreSQL".to_owned(),
                server: Some(server.clone()),
                bus: None,
                nodes: 1,
            });
            if let Some(bus) = options.bus.clone().filter(|_| options.nodes > 1) {
                asked.push(Self {
                    name: format!("PostgreSQL, {} nodes", options.nodes),
                    server: Some(server.clone()),
                    bus: Some(bus),
                    nodes: options.nodes,
                });
            }
        }
        asked
    }

    /// A fresh one; `data`: a folder of its own.
    pub async fn prepare<'a>(
        &self,
        program: &'a Path,
        data: &'a Path,
    ) -> Outcome<PreparedStorage<'a>> {
        let mut prepared = PreparedStorage {
            program,
            data,
            arguments: Vec::new(),
            bus: self.bus.clone(),
            nodes: self.nodes,
            dropped: None,
        };
        if let Some(server) = &self.server {
            let name = format!("sideline_bench_{}_{}", std::process::id(), self.nodes);
            let made = format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0");
            psql(server, &made).await?;
            let (before, after) = server.split_once('?').unwrap_or((server, ""));
            let root = before.rsplit_once('/').map_or(before, |(root, _)| root);
            let url = match after {
                "" => format!("{root}/{name}"),
                query => format!("{root}/{name}?{query}"),
            };
            prepared.arguments = vec!["--database".to_owned(), url];
            prepared.dropped = Some((server.clone(), name));
        }
        Ok(prepared)
    }
}

impl PreparedStorage<'_> {
    /// What each command line needs to find the data.
    pub fn arguments(&self) -> Vec<&str> {
        self.arguments.iter().map(String::as_str).collect()
    }

    /// Starts the program, once for each node.
    pub async fn serve(&self) -> Outcome<Process> {
        let mut arguments = self.arguments();
        if let Some(bus) = &self.bus {
            arguments.extend(["--bus", bus]);
        }
        let mut first = Process::serve_with(self.program, self.data, &arguments).await?;
        for _ in 1..self.nodes {
            let another = Process::serve_with(self.program, self.data, &arguments).await?;
            first.join(another);
        }
        Ok(first)
    }

    /// Whether everything is in order, as the program says.
    pub async fn check(&self) -> Outcome<()> {
        let folder = self.data.to_string_lossy();
        let mut arguments = vec!["check", "--data", folder.as_ref()];
        arguments.extend(self.arguments());
        run(command(self.program, &arguments)).await
    }

    /// Throws away what is not in the folder.
    pub async fn discard(self) -> Outcome<()> {
        match &self.dropped {
            Some((server, name)) => {
                psql(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await
            }
            None => Ok(()),
        }
    }
}

async fn psql(server: &str, statement: &str) -> Outcome<()> {
    let arguments = [
        "--no-psqlrc",
        "--quiet",
        "--dbname",
        server,
        "--command",
        statement,
    ];
    run(command(Path::new("psql"), &arguments))
        .await
        .when("psql")
}
