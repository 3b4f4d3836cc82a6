//! Who the Centre is: one signing key, made once and kept in the database, and what follows from it.
//!
//! Several processes on one database are one Centre: whoever starts first settles the seed, the others read it.

mod cursor;
mod place;
mod token;

use dossier::{
    catalogue::Catalogue,
    certificate::{Certificate, Role},
    deadline::local,
    envelope::{self, Namespace, Signed, SigningKey},
    id::{DeviceId, PublicKey, sha256},
};
use jiff::{ToSpan, civil::Date};
use ring::hmac;

pub use cursor::{Position, Read};
pub use place::{UNROUTED_SCOPE, org_id_of, scope_of_unit, service_centre};
pub use token::TOKEN_LIFE_MS;

use crate::{
    exchange::LEASE_DAYS_AHEAD,
    port::Entropy,
    storage::{Storage, StorageFault},
};

/// The scope in which the Centre itself sees every submitted dossier.
pub const CENTRE_SCOPE: &str = "centre";

/// The setting from which the epoch follows.
const EPOCH: &str = "centre/epoch";
/// The setting that says which serials are passed over: the last local date, a blank, how many.
const SKIPPED: &str = "centre/serials-skipped";
/// More serials than one unit gives for one day; a hundred such leaps fit into a code.
const SERIALS_OF_A_DAY: u32 = 50_000;
/// How much of the HMAC is kept: 128 bits, which nobody guesses, and half the bytes of every quiet sync.
const TAG_BYTES: usize = 16;

/// The unit named in the Centre's own certificate if the catalogue knows no service centre.
const FALLBACK_UNIT: &str = "centre";

/// The Centre's identity: its key, its certificate, the secret under which it seals cursors and tokens, its epoch.
pub struct Centre {
    key: SigningKey,
    certificate: Signed,
    own: Certificate,
    seal: hmac::Key,
    epoch: [u8; 8],
    /// Before which local date how many serials are passed over.
    skipped: Option<(Date, u32)>,
}

impl std::fmt::Debug for Centre {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Centre({})", self.key.public())
    }
}

impl Centre {
    /// The Centre of this database; made now if the database is new.
    pub async fn open(
        storage: &dyn Storage,
        entropy: &dyn Entropy,
        catalogue: &Catalogue,
        now_ms: i64,
    ) -> Result<Self, StorageFault> {
        let seed = settle(storage, entropy, "centre/seed").await?;
        let epoch = settle(storage, entropy, EPOCH).await?;
        let key = SigningKey::derive_from_seed(&seed);
        let unit = service_centre(catalogue.units(), local(now_ms).date());
        let own = Certificate {
            centre: key.public(),
            device_key: key.public(),
            name: unit.map_or_else(|| FALLBACK_UNIT.to_owned(), |unit| unit.name.clone()),
            role: Role::Centre,
            unit: unit.and_then(|unit| unit.org_id.clone()).unwrap_or_else(|| FALLBACK_UNIT.to_owned()),
            from_ms: 0,
            until_ms: i64::MAX,
        };
        // Settled, so that a later catalogue with another name for the Centre does not make a second certificate.
        let sealed = Signed::seal(&key, Namespace::Certificate, &own);
        let kept = storage.settle_setting("centre/certificate", &envelope::encode(&sealed)).await?;
        let certificate: Signed =
            envelope::decode(&kept).map_err(|_| StorageFault::Damaged("certificate of the Centre"))?;
        let own = Certificate::verify(&certificate, &key.public())
            .map_err(|_| StorageFault::Damaged("certificate of the Centre"))?;
        let seal = hmac::Key::new(hmac::HMAC_SHA256, &sha256(&[b"tram/centre-seal/v1\0", &seed]));
        let skipped = match storage.setting(SKIPPED).await? {
            Some(kept) => Some(read_skipped(&kept).ok_or(StorageFault::Damaged("setting of the Centre"))?),
            None => None,
        };
        Ok(Self { key, certificate, own, seal, epoch: sha256_prefix(&epoch), skipped })
    }

    /// The key that signs receipts, certificates, leases and the Centre's own events.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The public half: what an invitation names.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.key.public()
    }

    /// The Centre as an author of events.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.key.device()
    }

    /// Its own certificate, as it travels.
    #[must_use]
    pub fn signed_certificate(&self) -> &Signed {
        &self.certificate
    }

    /// Its own certificate, read.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.own
    }

    /// A serial that was taken for a local date, moved past those that may have been given before a backup was put back.
    #[must_use]
    pub fn serial(&self, date: Date, taken: u32) -> u32 {
        let skipped = self.skipped.filter(|(until, _)| date <= *until).map_or(0, |(_, skipped)| skipped);
        taken.saturating_add(skipped)
    }

    fn tag(&self, kind: &[u8], body: &[u8]) -> [u8; TAG_BYTES] {
        let mut context = hmac::Context::with_key(&self.seal);
        context.update(kind);
        context.update(body);
        let mut out = [0; TAG_BYTES];
        out.copy_from_slice(&context.sign().as_ref()[..TAG_BYTES]);
        out
    }

    /// Appends a tag that only this Centre can make.
    fn seal_bytes(&self, kind: &[u8], body: Vec<u8>) -> Vec<u8> {
        let tag = self.tag(kind, &body);
        [body, tag.to_vec()].concat()
    }

    /// Takes the tag off again; `None` if this Centre did not make it.
    fn unseal<'a>(&self, kind: &[u8], sealed: &'a [u8]) -> Option<&'a [u8]> {
        let (body, tag) = sealed.split_last_chunk::<TAG_BYTES>()?;
        let expected = self.tag(kind, body);
        // Every byte is looked at, so that the time taken tells nothing of where the first difference is.
        let differs = tag.iter().zip(expected).fold(0, |differs, (one, other)| differs | (one ^ other));
        (differs == 0).then_some(body)
    }
}

/// Begins a new epoch, as is to be done when a backup was put back: devices then compare what they hold instead of
/// trusting their cursors. Processes that are running go on in the old one until they are started again.
///
/// The backup does not know which codes were given since. For dates for which there may be such, serials go on far beyond
/// them: nobody gets a code that somebody else has on paper.
pub async fn begin_epoch(storage: &dyn Storage, entropy: &dyn Entropy, now_ms: i64) -> Result<(), StorageFault> {
    let before = storage.setting(SKIPPED).await?.and_then(|kept| read_skipped(&kept)).map_or(0, |(_, skipped)| skipped);
    let until = local(now_ms).date().saturating_add(LEASE_DAYS_AHEAD.days());
    let skipped = format!("{until} {}", before.saturating_add(SERIALS_OF_A_DAY));
    storage.replace_setting(SKIPPED, skipped.as_bytes()).await?;
    let mut fresh = [0; 32];
    entropy.fill(&mut fresh);
    storage.replace_setting(EPOCH, &fresh).await
}

fn read_skipped(kept: &[u8]) -> Option<(Date, u32)> {
    let (until, skipped) = std::str::from_utf8(kept).ok()?.split_once(' ')?;
    Some((until.parse().ok()?, skipped.parse().ok()?))
}

async fn settle(storage: &dyn Storage, entropy: &dyn Entropy, name: &str) -> Result<[u8; 32], StorageFault> {
    let mut fresh = [0; 32];
    entropy.fill(&mut fresh);
    let kept = storage.settle_setting(name, &fresh).await?;
    kept.try_into().map_err(|_| StorageFault::Damaged("setting of the Centre"))
}

fn sha256_prefix(seed: &[u8; 32]) -> [u8; 8] {
    let hash = sha256(&[b"tram/epoch/v1\0", seed]);
    let mut out = [0; 8];
    out.copy_from_slice(&hash[..8]);
    out
}
