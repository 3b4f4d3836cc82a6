//! Blocks of serials that the Centre gives to a branch device, so that it can issue official codes offline.

use super::dossier_code::{DossierCode, DossierCodeError, MAX_SERIAL};
use super::org_unit_id::OrgUnitId;
use jiff::civil::Date;
use minicbor::{Decode, Encode};

/// The most serials in one lease. A desk takes a few hundred dossiers a day; a stolen device must not hold more.
pub const MAX_LEASE_SERIALS: u32 = 2_000;

/// The first field of every encoded lease, so that its signature can never pass for that of another message.
const NAMESPACE: &str = "tram/lease/1";

/// The right of one device to issue serials `first..=last` for one authority on one day.
///
/// A lease is bound to its day because the counter starts anew each day; what is left unused is never filled. Signing
/// and verifying its bytes is the caller's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    org_id: OrgUnitId,
    date: Date,
    first: u32,
    last: u32,
}

/// Why there is no lease.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// The bytes are not an encoded lease in its one canonical form.
    #[error("the bytes are not a lease")]
    Encoding,
    /// The block is empty, too long or above the largest serial.
    #[error("serials {first} to {last} are not a block of 1 to {MAX_LEASE_SERIALS}")]
    Block {
        /// First serial.
        first: u32,
        /// Last serial.
        last: u32,
    },
    /// The codes could not be written.
    #[error("codes for this authority and day cannot be written")]
    Code(#[source] DossierCodeError),
}

/// Why no further code can be issued from a lease. The way out is a provisional code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NextError {
    /// The lease is for another day.
    #[error("the lease is for another day")]
    OtherDay,
    /// All serials are used.
    #[error("all serials of the lease are used")]
    UsedUp,
}

/// A code just issued, and the serial to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The official code.
    pub code: DossierCode,
    /// Its serial.
    pub serial: u32,
}

/// The lease as it is signed: a CBOR array, dates as year, month, day.
#[derive(Encode, Decode)]
#[cbor(array)]
struct SignedFields<'a> {
    #[b(0)]
    namespace: &'a str,
    #[b(1)]
    org_id: &'a str,
    #[n(2)]
    year: i16,
    #[n(3)]
    month: i8,
    #[n(4)]
    day: i8,
    #[n(5)]
    first: u32,
    #[n(6)]
    last: u32,
}

impl Lease {
    /// A lease of `first..=last` for an authority on a local day.
    ///
    /// # Errors
    /// [`LeaseError::Block`] and [`LeaseError::Code`].
    pub fn new(org_id: &OrgUnitId, date: Date, first: u32, last: u32) -> Result<Lease, LeaseError> {
        let sound = first >= 1 && first <= last && last <= MAX_SERIAL && last - first < MAX_LEASE_SERIALS;
        if !sound {
            return Err(LeaseError::Block { first, last });
        }
        DossierCode::format(org_id, date, first).map_err(LeaseError::Code)?;
        // Only the canonical form is signed, so that one lease has one encoding.
        let org_id = OrgUnitId::parse(org_id.as_str()).map_err(|_| LeaseError::Encoding)?;
        Ok(Lease { org_id, date, first, last })
    }

    /// The authority whose codes are issued.
    #[must_use]
    pub fn org_id(&self) -> &OrgUnitId {
        &self.org_id
    }

    /// The day of receipt that the codes carry.
    #[must_use]
    pub fn date(&self) -> Date {
        self.date
    }

    /// The first and last serial.
    #[must_use]
    pub fn block(&self) -> (u32, u32) {
        (self.first, self.last)
    }

    /// Whether two leases could issue the same code. The Centre never gives out two that do.
    #[must_use]
    pub fn overlaps(&self, other: &Lease) -> bool {
        self.org_id == other.org_id && self.date == other.date && self.first <= other.last && other.first <= self.last
    }

    /// The serial after `used` of the block are taken; `None` when all are.
    #[must_use]
    pub fn serial_at(&self, used: u32) -> Option<u32> {
        self.first.checked_add(used).filter(|serial| *serial <= self.last)
    }

    /// All codes of the block in order.
    pub fn codes(&self) -> impl Iterator<Item = DossierCode> + '_ {
        (self.first..=self.last).filter_map(|serial| DossierCode::format(&self.org_id, self.date, serial).ok())
    }

    /// The bytes that are signed: deterministic CBOR.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let fields = SignedFields {
            namespace: NAMESPACE,
            org_id: self.org_id.as_str(),
            year: self.date.year(),
            month: self.date.month(),
            day: self.date.day(),
            first: self.first,
            last: self.last,
        };
        minicbor::to_vec(fields).expect("writing to memory cannot fail")
    }

    /// Reads signed bytes. Only the very bytes that [`Lease::to_cbor`] writes are taken.
    ///
    /// # Errors
    /// [`LeaseError`].
    pub fn from_cbor(bytes: &[u8]) -> Result<Lease, LeaseError> {
        let fields: SignedFields<'_> = minicbor::decode(bytes).map_err(|_| LeaseError::Encoding)?;
        let SignedFields { namespace, org_id, year, month, day, first, last } = fields;
        if namespace != NAMESPACE {
            return Err(LeaseError::Encoding);
        }
        let org_id = OrgUnitId::parse(org_id).map_err(|_| LeaseError::Encoding)?;
        let date = Date::new(year, month, day).map_err(|_| LeaseError::Encoding)?;
        let lease = Lease::new(&org_id, date, first, last)?;
        if lease.to_cbor() == bytes { Ok(lease) } else { Err(LeaseError::Encoding) }
    }
}

/// The next code of a lease for a dossier received on `received_on` (local date, that of the event, not of the sync).
///
/// `used_so_far` is how many serials of this lease the device has taken; it is derived from the device's log, never
/// kept beside it, so a serial that was ever written is never given again.
///
/// # Errors
/// [`NextError`].
pub fn next(lease: &Lease, received_on: Date, used_so_far: u32) -> Result<Issued, NextError> {
    if lease.date != received_on {
        return Err(NextError::OtherDay);
    }
    let serial = lease.serial_at(used_so_far).ok_or(NextError::UsedUp)?;
    let code = DossierCode::format(&lease.org_id, lease.date, serial).map_err(|_| NextError::UsedUp)?;
    Ok(Issued { code, serial })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn authority() -> OrgUnitId {
        OrgUnitId::parse("H29.16").unwrap()
    }

    fn lease(first: u32, last: u32) -> Lease {
        Lease::new(&authority(), date(2026, 11, 21), first, last).unwrap()
    }

    #[test]
    fn codes_come_in_order_until_used_up() {
        let lease = lease(42, 44);
        let day = lease.date();
        let issued: Vec<String> = (0..3).map(|used| next(&lease, day, used).unwrap().code.to_string()).collect();
        assert_eq!(issued, ["H29.16-261121-0042", "H29.16-261121-0043", "H29.16-261121-0044"]);
        assert_eq!(lease.codes().map(|code| code.to_string()).collect::<Vec<_>>(), issued);
        assert_eq!(next(&lease, day, 3), Err(NextError::UsedUp));
        assert_eq!(next(&lease, day, u32::MAX), Err(NextError::UsedUp));
    }

    #[test]
    fn a_lease_is_of_its_day_only() {
        let lease = lease(1, 10);
        assert_eq!(next(&lease, date(2026, 11, 22), 0), Err(NextError::OtherDay));
        assert_eq!(next(&lease, date(2026, 11, 20), 0), Err(NextError::OtherDay));
    }

    #[test]
    fn blocks_are_bounded() {
        let day = date(2026, 11, 21);
        for (first, last) in [(0, 5), (5, 4), (1, MAX_LEASE_SERIALS + 1), (MAX_SERIAL, MAX_SERIAL + 1)] {
            assert_eq!(Lease::new(&authority(), day, first, last), Err(LeaseError::Block { first, last }));
        }
        assert_eq!(lease(1, MAX_LEASE_SERIALS).codes().count(), 2000);
        assert_eq!(Lease::new(&authority(), date(1999, 1, 1), 1, 2), Err(LeaseError::Code(DossierCodeError::Year)));
    }

    #[test]
    fn overlap_is_of_unit_day_and_serial() {
        assert!(lease(1, 10).overlaps(&lease(10, 20)));
        assert!(!lease(1, 10).overlaps(&lease(11, 20)));
        let other = Lease::new(&OrgUnitId::parse("H29.17").unwrap(), date(2026, 11, 21), 1, 10).unwrap();
        assert!(!lease(1, 10).overlaps(&other));
        let tomorrow = Lease::new(&authority(), date(2026, 11, 22), 1, 10).unwrap();
        assert!(!lease(1, 10).overlaps(&tomorrow));
    }

    #[test]
    fn the_signed_bytes_are_frozen() {
        let hex = data_encoding::HEXLOWER.encode(&lease(42, 141).to_cbor());
        assert_eq!(hex, "876c7472616d2f6c656173652f31664832392e31361907ea0b15182a188d");
    }

    #[test]
    fn another_namespace_and_trailing_bytes_are_refused() {
        let bytes = lease(1, 10).to_cbor();
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(Lease::from_cbor(&longer), Err(LeaseError::Encoding));
        let mut other = bytes.clone();
        other[2] = b'x';
        assert_eq!(Lease::from_cbor(&other), Err(LeaseError::Encoding));
        assert_eq!(Lease::from_cbor(&[]), Err(LeaseError::Encoding));
    }

    proptest! {
        #[test]
        fn leases_read_back(first in 1u32..9_000_000, length in 0u32..MAX_LEASE_SERIALS) {
            let lease = lease(first, first + length);
            prop_assert_eq!(Lease::from_cbor(&lease.to_cbor()), Ok(lease));
        }

        #[test]
        fn any_bytes_are_survived_and_one_lease_has_one_encoding(
            at in 0usize..30, byte: u8, junk in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let _ = Lease::from_cbor(&junk);
            let original = lease(42, 141).to_cbor();
            let mut changed = original.clone();
            changed[at % original.len()] = byte;
            if let Ok(lease) = Lease::from_cbor(&changed) {
                prop_assert_eq!(lease.to_cbor(), changed);
            }
        }

        #[test]
        fn no_serial_comes_twice(first in 1u32..1000, length in 0u32..100) {
            let lease = lease(first, first + length);
            let serials: std::collections::BTreeSet<u32> =
                (0..=length).map(|used| next(&lease, lease.date(), used).unwrap().serial).collect();
            prop_assert_eq!(serials.len() as u32, length + 1);
        }
    }
}
