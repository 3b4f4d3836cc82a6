//! Blocks of serials for branch devices, so that a desk can give out official codes with no network.

use dossier::{
    code::{Lease, OrgUnitId},
    envelope::{Namespace, Signed},
    unit::Units,
};
use jiff::{ToSpan, civil::Date};

use crate::{
    centre::{Centre, org_id_of},
    storage::{Storage, StorageFault},
};

/// Serials in one block: what a desk gives out in about an hour. A stolen device must not hold more.
pub const LEASE_SERIALS: u32 = 20;
/// How far ahead a device may ask: a desk that is cut off for longer prints provisional codes.
pub const LEASE_DAYS_AHEAD: i64 = 7;

/// One signed block for each date that is near enough; dates that are not, or no dates, are passed over.
pub async fn leases(
    storage: &dyn Storage,
    centre: &Centre,
    units: &Units,
    unit: &str,
    dates: &[String],
    today: Date,
) -> Result<Vec<Signed>, StorageFault> {
    let Some(org_id) = org_id_of(units, unit).and_then(|org_id| OrgUnitId::parse(&org_id).ok()) else {
        return Ok(Vec::new());
    };
    let last = today.saturating_add(LEASE_DAYS_AHEAD.days());
    let mut wanted: Vec<Date> = dates
        .iter()
        .filter_map(|date| date.parse::<Date>().ok())
        .filter(|date| (today..=last).contains(date))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut leases = Vec::new();
    for date in wanted {
        let first = storage.take_serials(org_id.as_str(), &date.to_string(), LEASE_SERIALS).await?;
        let first = centre.serial(date, first);
        // The serials of a day can run out; then the device prints provisional codes, which stay valid.
        let Some(last) = first.checked_add(LEASE_SERIALS - 1) else { continue };
        let Ok(lease) = Lease::new(&org_id, date, first, last) else { continue };
        let body = lease.to_cbor();
        let signature = centre.key().sign(Namespace::Lease, &body);
        leases.push(Signed { body, signature });
    }
    Ok(leases)
}
