//! A Centre's SQLite storage: cut at every step from the first migration on.

use std::{path::Path, sync::Arc};

use dossier::{
    catalogue::Catalogue,
    id::{BatchId, Digest},
};
use sync_server::{
    centre::Centre,
    port::Entropy,
    storage::{SqliteStorage, Storage, StorageFault},
};
use tokio::runtime::Runtime;

use crate::{
    device::Told,
    medium::{Dice, Medium},
    tape::{self, Op},
};

const FILE: &str = "tram.sqlite";
/// Blocks of codes that a script gives out, each a commit whose answer must hold for ever.
const BLOCKS: usize = 24;
const NOW_MS: i64 = 1_795_000_000_000;

struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, out: &mut [u8]) {
        out.fill(7);
    }
}

fn runtime() -> Result<Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())
}

async fn script(path: &Path) -> Result<(), StorageFault> {
    let storage = SqliteStorage::open(path).await?;
    Centre::open(&storage, &Fixed, Catalogue::shipped(), NOW_MS).await?;
    for block in 1..=BLOCKS {
        storage.take_serials("H29.16", "2026-11-22", 20).await?;
        // Another table in a commit of its own, so that the log holds more than one kind of page.
        storage.settle_setting(&format!("block/{block}"), &vec![7; block * 400]).await?;
        tape::note(Op::Acknowledged(block));
    }
    storage.close().await;
    Ok(())
}

async fn judge(path: &Path, acknowledged: usize) -> Result<(), String> {
    let unopenable = |fault: StorageFault| format!("unopenable: {fault}");
    let storage = SqliteStorage::open(path).await.map_err(unopenable)?;
    let storage: Arc<dyn Storage> = Arc::new(storage);
    Centre::open(storage.as_ref(), &Fixed, Catalogue::shipped(), NOW_MS).await.map_err(unopenable)?;
    for block in 1..=acknowledged {
        let kept = storage.setting(&format!("block/{block}")).await.map_err(unopenable)?;
        if kept != Some(vec![7; block * 400]) {
            return Err(format!("lost: block {block} of {acknowledged} that were answered"));
        }
    }
    // The next block begins behind every block that was given out, and at most behind the one under way.
    let next = storage.take_serials("H29.16", "2026-11-22", 20).await.map_err(unopenable)?;
    let given = usize::try_from(next.saturating_sub(1) / 20).unwrap_or(0);
    if !(acknowledged..=acknowledged + 1).contains(&given) || next % 20 != 1 {
        return Err(format!("torn: {acknowledged} blocks were answered, the next begins at {next}"));
    }
    let receipts = storage.receipts(&dossier::id::DeviceId([1; 16]), &BatchId([1; 16])).await.map_err(unopenable)?;
    let _: Option<Digest> = receipts.first().map(dossier::wire::SignedReceipt::hash);
    Ok(())
}

/// So many power cuts, spread over every step of the script.
pub fn cuts(wanted: u64, seed: u64) -> Result<Told, String> {
    let runtime = runtime()?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    tape::record();
    runtime.block_on(script(&directory.path().join(FILE))).map_err(|fault| fault.to_string())?;
    let ops = tape::take();
    let mut told = Told::default();
    let mut round = seed;
    // Every step once, or if fewer are wanted every so many-th; then all over again with other tears.
    let stride = (ops.len() as u64).div_ceil(wanted.max(1)).max(1);
    while told.tried < wanted && told.broken.len() < 10 {
        let mut medium = Medium::default();
        let mut dice = Dice(round);
        for (at, op) in ops.iter().enumerate() {
            let is_due = (at as u64 + round).is_multiple_of(stride);
            if is_due && told.tried < wanted && !matches!(op, Op::Acknowledged(_)) {
                let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
                medium.cut(Some(op), &mut dice, directory.path()).map_err(|error| error.to_string())?;
                told.tried += 1;
                let judged = runtime.block_on(judge(&directory.path().join(FILE), medium.acknowledged));
                if let Err(what) = judged {
                    told.broken.push(format!("round {round}, step {at} of {} ({op}): {what}", ops.len()));
                }
            }
            medium.step(op);
        }
        round += 1;
    }
    Ok(told)
}
