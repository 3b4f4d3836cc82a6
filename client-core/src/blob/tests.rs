use super::*;
use crate::{
    Device, Space,
    ports::{FixedClock, SeededEntropy},
    store::{MemoryDisk, MemoryStore},
};

fn device() -> (MemoryDisk, Device, DossierId) {
    let store = MemoryStore::new();
    let disk = store.disk();
    let clock = FixedClock::at(1_795_000_000_000);
    let mut device = Device::init(store, clock, SeededEntropy::new(1), "http://centre").unwrap();
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    (disk, device, dossier)
}

fn file(size_bytes: Option<u64>) -> NewFile<'static> {
    NewFile { name: "ảnh của bà.JPG", media: None, size_bytes }
}

fn chunks(disk: &MemoryDisk) -> usize {
    disk.dump().iter().filter(|(space, ..)| matches!(space, Space::Chunks | Space::Staging)).count()
}

/// A reader that must not be read.
struct Untouched;

impl Read for Untouched {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        panic!("the file was read although its size says it all")
    }
}

#[test]
fn a_file_comes_out_as_it_went_in_and_once() {
    let (disk, mut device, dossier) = device();
    let content: Vec<u8> = (0..700_000u32).map(|number| (number % 251) as u8).collect();
    let before = disk.commits();
    let attached = device.attach(&dossier, "to-khai", &file(Some(700_000)), &mut content.as_slice()).unwrap();
    assert_eq!(disk.commits(), before + 1);
    assert_eq!((attached.blob, attached.media.as_str(), attached.page), (BlobId::of(&content), "image/jpeg", 1));
    let laid = chunks(&disk);
    assert_eq!(device.attach(&dossier, "to-khai", &file(None), &mut content.as_slice()).unwrap(), attached);
    assert_eq!(chunks(&disk), laid);
    let second = device.attach(&dossier, "to-khai", &file(None), &mut &b"page two"[..]).unwrap();
    assert_eq!(second.page, 2);
    let mut out = Vec::new();
    assert_eq!(device.read_blob(&attached.blob, &mut out).unwrap(), 700_000);
    assert_eq!(out, content);
    let shown = device.show(&dossier).unwrap().attachments;
    assert_eq!((shown.total, shown.arrived, shown.here), (2, 0, 2));
    assert!(disk.dump().iter().all(|(_, _, value)| !String::from_utf8_lossy(value).contains("của bà")));
}

#[test]
fn three_gigabytes_are_refused_unread_and_a_reader_that_lies_is_cut() {
    let (disk, mut device, dossier) = device();
    let before = disk.dump();
    let huge = device.attach(&dossier, "to-khai", &file(Some(3 << 30)), &mut Untouched).unwrap_err();
    assert_eq!(huge.code, Code::AttachmentTooLarge);
    let endless = device.attach(&dossier, "to-khai", &file(None), &mut std::io::repeat(7)).unwrap_err();
    assert_eq!(endless.code, Code::AttachmentTooLarge);
    let longer = device.attach(&dossier, "to-khai", &file(Some(10)), &mut std::io::repeat(7)).unwrap_err();
    assert_eq!(longer.code, Code::FileUnreadable);
    let shorter = device.attach(&dossier, "to-khai", &file(Some(10)), &mut &b"abc"[..]).unwrap_err();
    assert_eq!(shorter.code, Code::FileUnreadable);
    let empty = device.attach(&dossier, "to-khai", &file(None), &mut std::io::empty()).unwrap_err();
    assert_eq!(empty.code, Code::FileUnreadable);
    let unknown = device.attach(&dossier, "khong-co", &file(None), &mut &b"abc"[..]).unwrap_err();
    assert_eq!(unknown.code, Code::UnknownComponent);
    assert_eq!(disk.dump(), before, "nothing stays of what was refused");
}

#[test]
fn a_full_disk_or_a_crash_midway_leaves_nothing() {
    let (disk, mut device, dossier) = device();
    let content = vec![5u8; 20 << 20];
    disk.fill_up(Some(2));
    let fault = device.attach(&dossier, "to-khai", &file(None), &mut content.as_slice()).unwrap_err();
    assert_eq!(fault.code, Code::DiskFull);
    // With no room even to clean up, the parts stay until the device opens again, as after a crash.
    assert!(chunks(&disk) > 0);
    disk.fill_up(None);
    drop(device);
    let mut device =
        Device::open(disk.open().unwrap(), FixedClock::at(1_795_000_000_000), SeededEntropy::new(2)).unwrap();
    assert_eq!(chunks(&disk), 0);
    device.attach(&dossier, "to-khai", &file(None), &mut content.as_slice()).unwrap();
    assert_eq!(device.show(&dossier).unwrap().attachments.here, 1);
    assert!(disk.dump().iter().all(|(space, ..)| *space != Space::Staging));
}
