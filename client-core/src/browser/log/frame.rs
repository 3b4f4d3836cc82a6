//! How a commit is written: a head, then what happens to each record.

/// Bytes of a head.
pub const HEAD: usize = 20;

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut rest = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            rest = (rest >> 1) ^ (0xEDB8_8320 * (rest & 1));
            bit += 1;
        }
        table[byte] = rest;
        byte += 1;
    }
    table
};

/// CRC-32 (ISO-HDLC).
pub fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| (sum >> 8) ^ TABLE[((sum ^ u32::from(*byte)) & 255) as usize])
}

/// What stands before the body of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Frames are counted through the life of the file.
    pub sequence: u64,
    /// Bytes of the body.
    pub length: u32,
    /// The body's checksum.
    pub checksum: u32,
}

impl Head {
    /// Reads a head; `None` if these bytes are none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.get(..HEAD)?;
        let summed = &rest[..HEAD - 4];
        let head = Self { sequence: eight(&mut rest)?, length: four(&mut rest)?, checksum: four(&mut rest)? };
        (head.sequence > 0 && four(&mut rest)? == checksum(summed)).then_some(head)
    }
}

/// A frame being written.
#[derive(Debug)]
pub struct Frame(Vec<u8>);

impl Frame {
    pub fn new() -> Self {
        Self(vec![0; HEAD])
    }

    /// Bytes so far, the head among them.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The record is gone.
    pub fn delete(&mut self, key: &[u8]) {
        self.begin(0, key);
    }

    /// The record has this value; answers how far from the frame's beginning the value stands.
    pub fn put(&mut self, key: &[u8], value: &[u8]) -> usize {
        self.begin(1, key);
        self.0.extend(length(value).to_le_bytes());
        self.0.extend(value);
        self.len() - value.len()
    }

    /// The record has the value that stands in blocks of its own.
    pub fn refer(&mut self, key: &[u8], place: &Place) {
        self.begin(2, key);
        self.0.extend(place.offset.to_le_bytes());
        self.0.extend(place.length.to_le_bytes());
        self.0.extend(place.checksum.to_le_bytes());
    }

    fn begin(&mut self, kind: u8, key: &[u8]) {
        self.0.push(kind);
        self.0.extend(length(key).to_le_bytes());
        self.0.extend(key);
    }

    /// The frame as it is written.
    pub fn finish(mut self, sequence: u64) -> Vec<u8> {
        let (head, body) = self.0.split_at_mut(HEAD);
        head[..8].copy_from_slice(&sequence.to_le_bytes());
        head[8..12].copy_from_slice(&length(body).to_le_bytes());
        head[12..16].copy_from_slice(&checksum(body).to_le_bytes());
        let own = checksum(&head[..16]);
        head[16..].copy_from_slice(&own.to_le_bytes());
        self.0
    }
}

/// A length as it is written.
pub fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("what is held in a browser's memory is below 4 GiB")
}

/// Where a value stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub offset: u64,
    pub length: u32,
    pub checksum: u32,
    /// Whether it has blocks of its own, outside of the log.
    pub apart: bool,
}

/// What a frame says of one record.
#[derive(Debug, PartialEq, Eq)]
pub enum Said<'a> {
    Gone,
    /// The value, and how far from the body's beginning it stands.
    Value(&'a [u8], usize),
    Apart(Place),
}

/// Goes through a body; `None` if it is none.
pub fn entries(body: &[u8], each: &mut dyn FnMut(&[u8], Said<'_>)) -> Option<()> {
    let mut rest = body;
    while let Some((kind, after)) = rest.split_first() {
        rest = after;
        let key = counted(&mut rest)?;
        let said = match kind {
            0 => Said::Gone,
            1 => {
                let value = counted(&mut rest)?;
                Said::Value(value, body.len() - rest.len() - value.len())
            }
            2 => {
                let (offset, length) = (eight(&mut rest)?, four(&mut rest)?);
                Said::Apart(Place { offset, length, checksum: four(&mut rest)?, apart: true })
            }
            _ => return None,
        };
        each(key, said);
    }
    Some(())
}

fn counted<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = four(rest)? as usize;
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

/// A number of four bytes, the lowest first.
pub fn four(rest: &mut &[u8]) -> Option<u32> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_le_bytes(*taken))
}

/// A number of eight bytes, the lowest first.
pub fn eight(rest: &mut &[u8]) -> Option<u64> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u64::from_le_bytes(*taken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_catalogue_of_checksums() {
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_frame_reads_as_it_was_written_and_not_once_a_byte_of_it_changed() {
        let place = Place { offset: 8192, length: 9, checksum: 5, apart: true };
        let mut frame = Frame::new();
        frame.delete(b"a");
        let at = frame.put(b"bc", b"value");
        frame.refer(b"d", &place);
        let bytes = frame.finish(7);
        assert_eq!(&bytes[at..at + 5], b"value");
        let head = Head::read(&bytes).unwrap();
        assert_eq!((head.sequence, head.length as usize), (7, bytes.len() - HEAD));
        assert_eq!(head.checksum, checksum(&bytes[HEAD..]));
        let mut seen = Vec::new();
        entries(&bytes[HEAD..], &mut |key, said| seen.push((key.to_vec(), format!("{said:?}")))).unwrap();
        let value = format!("{:?}", Said::Value(b"value", at - HEAD));
        let wanted = [("a", "Gone".to_owned()), ("bc", value), ("d", format!("{:?}", Said::Apart(place)))];
        assert_eq!(seen, wanted.map(|(key, said)| (key.as_bytes().to_vec(), said)));
        for at in 0..HEAD {
            let mut other = bytes.clone();
            other[at] ^= 4;
            assert_eq!(Head::read(&other), None);
        }
        assert_eq!(Head::read(&[0; HEAD]), None, "empty room is no frame");
        assert_eq!(entries(&bytes[HEAD..bytes.len() - 1], &mut |_, _| ()), None);
    }
}
