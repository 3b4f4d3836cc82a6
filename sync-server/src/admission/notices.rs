//! What authors are told about items that were kept aside.
//!
//! A notice is written before the admission that it tells of, so a crash in between repeats it and never loses it. Each
//! device has a numbered line of entries in the settings; an entry that stands already is not written twice, and two
//! processes that append at once get different numbers.

use std::collections::BTreeMap;

use dossier::{envelope, id::DeviceId, wire::Notice};

use crate::storage::{Storage, StorageFault};

/// Entries kept for one device. A device with more is broken or hostile; its items are kept aside all the same.
const MAX_ENTRIES: u32 = 64;
/// Notices in one entry.
const MAX_PER_ENTRY: usize = 256;

fn name(device: &DeviceId, number: u32) -> String {
    format!("notice/{device}/{number}")
}

/// Keeps notices for their devices.
pub async fn keep(storage: &dyn Storage, notices: &BTreeMap<DeviceId, Vec<Notice>>) -> Result<(), StorageFault> {
    for (device, list) in notices {
        for part in list.chunks(MAX_PER_ENTRY) {
            let bytes = envelope::encode(&part.to_vec());
            for number in 0..MAX_ENTRIES {
                if storage.settle_setting(&name(device, number), &bytes).await? == bytes {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// All notices for a device, oldest first. Hearing one twice changes nothing.
pub async fn of(storage: &dyn Storage, device: &DeviceId) -> Result<Vec<Notice>, StorageFault> {
    let mut notices = Vec::new();
    for number in 0..MAX_ENTRIES {
        let Some(bytes) = storage.setting(&name(device, number)).await? else { break };
        let part: Vec<Notice> = envelope::decode(&bytes).map_err(|_| StorageFault::Damaged("notice"))?;
        notices.extend(part);
    }
    Ok(notices)
}
