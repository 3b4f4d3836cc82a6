//! A request as it comes in: pieces of a compressed body in, read parcels out.

use async_trait::async_trait;
use bytes::Bytes;
use dossier::{
    envelope::EnvelopeFault,
    id::DeviceId,
    wire::{BatchFault, Hello, Intake, ParcelName, VerifiedParcel},
};

use super::{ExchangeFault, body::Opening, group::ReadGroup};
use crate::port::Work;

/// Where the bytes of a request come from.
#[async_trait]
pub trait Source: Send {
    /// The next piece; `None` after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, ExchangeFault>;
}

/// A body that is here already.
#[async_trait]
impl Source for Option<Bytes> {
    async fn next(&mut self) -> Result<Option<Bytes>, ExchangeFault> {
        Ok(self.take())
    }
}

/// A parcel with everything that can be said of its items without the database.
pub struct ReadParcel {
    /// Who asks; only in the first.
    pub hello: Option<Hello>,
    /// Its name and its place in the batch.
    pub name: ParcelName,
    /// Its items.
    pub group: ReadGroup,
}

/// A request's parcels.
pub struct Incoming<'a> {
    source: &'a mut dyn Source,
    opening: Opening,
    intake: Intake,
    work: Work,
    /// The Centre's own device, whose events anybody may bring back.
    centre: DeviceId,
    device: Option<DeviceId>,
    is_over: bool,
}

impl<'a> Incoming<'a> {
    /// Before the first piece.
    pub fn from(source: &'a mut dyn Source, work: Work, centre: DeviceId) -> Result<Self, ExchangeFault> {
        let opening = Opening::begin()?;
        Ok(Self { source, opening, intake: Intake::default(), work, centre, device: None, is_over: false })
    }

    /// The next parcel, as soon as all of it is here; `None` after the last. Signatures and hashes of hundreds of items
    /// take a while and are read apart.
    pub async fn next(&mut self) -> Result<Option<ReadParcel>, ExchangeFault> {
        loop {
            if self.intake.is_ready() {
                let (intake, device, centre) = (std::mem::take(&mut self.intake), self.device, self.centre);
                let (intake, read) = self.work.heavy(move || read(intake, device, &centre)).await?;
                self.intake = intake;
                let parcel = read?;
                if let Some(hello) = &parcel.hello {
                    self.device = Some(DeviceId::of(&hello.device));
                }
                return Ok(Some(parcel));
            }
            if self.is_over {
                self.opening.end()?;
                let is_whole = self.intake.is_between();
                return if is_whole { Ok(None) } else { Err(BatchFault::Envelope(EnvelopeFault::Malformed).into()) };
            }
            match self.source.next().await? {
                Some(piece) => self.intake.push(&self.opening.push(&piece)?),
                None => self.is_over = true,
            }
        }
    }
}

/// Reads the parcel that is here; `device` has signed those before.
fn read(mut intake: Intake, device: Option<DeviceId>, centre: &DeviceId) -> (Intake, Result<ReadParcel, BatchFault>) {
    let parcel = intake.take().and_then(|parcel| parcel.ok_or(BatchFault::Envelope(EnvelopeFault::Malformed)));
    let read = parcel.and_then(|VerifiedParcel { hello, name, dossiers }| {
        let device = device.or(hello.as_ref().map(|hello| DeviceId::of(&hello.device)));
        let device = device.ok_or(BatchFault::Envelope(EnvelopeFault::Malformed))?;
        Ok(ReadParcel { hello, name, group: ReadGroup::read(&dossiers, name.first, &device, centre) })
    });
    (intake, read)
}
