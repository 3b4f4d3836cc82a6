//! What the Centre signs for, judged the moment it is given.

use dossier::{fault::Code, wire::SignedReceipt};

use crate::{Failure, world::World};

impl World {
    /// Takes note of receipts just given: each is the Centre's, continues its device's chain, and says of each item of
    /// its batch whether it is held or why not.
    pub fn note_receipts(&mut self) -> Result<(), Failure> {
        for signed in self.servers.given() {
            self.note_receipt(&signed)?;
        }
        Ok(())
    }

    fn note_receipt(&mut self, signed: &SignedReceipt) -> Result<(), Failure> {
        let receipt = signed.verify(&self.servers.centre.public());
        let receipt = receipt.map_err(|fault| self.fail(format!("a receipt does not verify: {fault}")))?;
        let (device, number, hash) = (receipt.device, receipt.number, signed.hash());
        let line = self.lines.entry(device).or_default();
        let again = line.receipts.get(&number).map(|(known, _)| *known);
        let before = number.checked_sub(1).and_then(|before| line.receipts.get(&before)).map(|(known, _)| *known);
        if again.is_some_and(|known| known != hash) {
            return Err(self.fail(format!("receipt {number} of device {device} was given twice, differently")));
        }
        let follows =
            if number == 1 { receipt.previous.is_none() } else { before.is_none() || receipt.previous == before };
        if !follows {
            return Err(self.fail(format!("receipt {number} of device {device} does not name the one before")));
        }
        if again.is_none() {
            self.trace.note("receipt", format_args!("{} {number} for {device}", receipt.count));
        }
        let Some(items) = self.batches.get(&receipt.batch).cloned() else { return Ok(()) };
        for item in receipt.first..receipt.first + receipt.count {
            let at = usize::try_from(item).unwrap_or(usize::MAX);
            let named = items.get(at).copied().flatten();
            if receipt.holds(item) {
                let Some(named) = named else {
                    return Err(
                        self.fail(format!("receipt {number} of device {device} holds item {item}, which is none"))
                    );
                };
                self.acknowledged.insert(named);
                continue;
            }
            let exception = receipt.exceptions.iter().find(|exception| exception.item == item);
            let code = exception.map(|exception| exception.code.clone()).unwrap_or_default();
            if Code::from_text(&code).is_none() {
                return Err(self.fail(format!("item {item} of device {device} was refused without a reason")));
            }
            if again.is_none() {
                self.trace.note("refusal", format_args!("item {item} of {device}: {code}"));
                self.refused.push((device, named, code));
            }
        }
        if let Some(line) = self.lines.get_mut(&device) {
            line.receipts.insert(number, (hash, receipt));
        }
        Ok(())
    }
}
