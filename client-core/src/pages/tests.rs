use std::cell::RefCell;

use super::*;
use crate::{
    NewFile, Proceed, Space, Transport,
    centre::{Centre, Line},
    ports::{FixedClock, SeededEntropy},
    store::{MemoryDisk, MemoryStore},
};

const NOW: i64 = 1_795_000_000_000;
const PAPER: &str = "to-khai";

fn device(seed: u64) -> (MemoryDisk, Device) {
    let store = MemoryStore::new();
    let disk = store.disk();
    (disk, Device::init(store, FixedClock::at(NOW), SeededEntropy::new(seed), "http://centre").unwrap())
}

fn attach(device: &mut Device, dossier: &DossierId, content: &str) -> BlobId {
    let file = NewFile { name: "a.jpg", media: None, size_bytes: None };
    device.attach(dossier, PAPER, &file, &mut content.as_bytes()).unwrap().blob
}

fn order(device: &mut Device, dossier: &DossierId) -> Vec<BlobId> {
    let shown = device.show(dossier).unwrap();
    let paper = shown.view.components.into_iter().find(|paper| paper.id == PAPER);
    paper.map_or_else(Vec::new, |paper| paper.files.into_iter().map(|file| file.blob).collect())
}

fn sync(device: &mut Device, transport: &dyn Transport) {
    assert_eq!(device.sync(transport, &mut |_| Proceed::Go).fault, None);
}

fn holds(disk: &MemoryDisk, spaces: &[Space]) -> usize {
    disk.dump().iter().filter(|(space, ..)| spaces.contains(space)).count()
}

#[test]
fn a_page_that_nobody_was_told_of_goes_without_a_trace() {
    let (disk, mut device) = device(1);
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    let other = device.new_dossier("1.001193", None).unwrap().dossier;
    let first = attach(&mut device, &dossier, "một");
    let second = attach(&mut device, &dossier, "hai");
    assert_eq!(attach(&mut device, &other, "hai"), second);
    let commits = disk.commits();
    device.detach(&dossier, PAPER, &first).unwrap();
    assert_eq!(disk.commits(), commits + 1);
    assert_eq!(order(&mut device, &dossier), [second]);
    assert_eq!(device.read_blob(&first, &mut Vec::new()).unwrap_err().code, Code::NotFound);
    device.detach(&dossier, PAPER, &second).unwrap();
    assert_eq!(order(&mut device, &dossier), []);
    assert_eq!(device.read_blob(&second, &mut Vec::new()).unwrap(), 3, "another dossier names it");
    assert_eq!(device.list(&crate::ListQuery::default()).unwrap().cards.iter().map(|card| card.files).sum::<u32>(), 1);
    device.detach(&other, PAPER, &second).unwrap();
    let spaces = [Space::Blobs, Space::Chunks, Space::Files, Space::Uploads];
    assert_eq!(holds(&disk, &spaces), 0);
    assert_eq!(attach(&mut device, &dossier, "một"), first);
    assert_eq!(order(&mut device, &dossier), [first]);
}

#[test]
fn what_is_not_there_is_not_taken_out() {
    let (disk, mut device) = device(1);
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    let page = attach(&mut device, &dossier, "một");
    let before = disk.dump();
    let nothing = BlobId([9; 32]);
    assert_eq!(device.detach(&dossier, PAPER, &nothing).unwrap_err().code, Code::NotFound);
    assert_eq!(device.detach(&dossier, "khong-co", &page).unwrap_err().code, Code::UnknownComponent);
    assert_eq!(device.detach(&DossierId([9; 16]), PAPER, &page).unwrap_err().code, Code::UnknownDossier);
    assert_eq!(device.arrange(&dossier, PAPER, &[page, nothing]).unwrap_err().code, Code::NotFound);
    assert_eq!(device.arrange(&dossier, "khong-co", &[]).unwrap_err().code, Code::UnknownComponent);
    assert_eq!(device.arrange(&DossierId([9; 16]), PAPER, &[]).unwrap_err().code, Code::UnknownDossier);
    device.arrange(&dossier, PAPER, &[page]).unwrap();
    assert_eq!(disk.dump(), before, "an order that stands already is not written");
}

#[test]
fn a_page_in_two_papers_stays_while_one_of_them_names_it() {
    let (_disk, mut device) = device(1);
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    let page = attach(&mut device, &dossier, "một");
    let file = NewFile { name: "a.jpg", media: None, size_bytes: None };
    device.attach(&dossier, "giay-chung-sinh", &file, &mut "một".as_bytes()).unwrap();
    device.detach(&dossier, PAPER, &page).unwrap();
    assert_eq!(device.read_blob(&page, &mut Vec::new()).unwrap(), 5);
    assert_eq!(device.files_to_bring().unwrap(), [(dossier, page)]);
}

#[test]
fn pages_stand_in_the_order_given_and_the_rest_follows() {
    let (_disk, mut device) = device(1);
    let dossier = device.new_dossier("1.001193", None).unwrap().dossier;
    let pages: Vec<BlobId> = ["một", "hai", "ba", "bốn"].map(|text| attach(&mut device, &dossier, text)).into();
    device.arrange(&dossier, PAPER, &[pages[3], pages[1], pages[3]]).unwrap();
    assert_eq!(order(&mut device, &dossier), [pages[3], pages[1], pages[0], pages[2]]);
    device.detach(&dossier, PAPER, &pages[1]).unwrap();
    let last = attach(&mut device, &dossier, "năm");
    assert_eq!(order(&mut device, &dossier), [pages[3], pages[0], pages[2], last], "a new page is the last");
}

#[test]
fn two_devices_that_arrange_at_once_lose_no_page() {
    let centre = RefCell::new(Centre::new(1, NOW));
    let ((_a, mut one), (_b, mut other)) = (device(1), device(2));
    let dossier = one.new_dossier("1.001193", None).unwrap().dossier;
    let pages: Vec<BlobId> = ["một", "hai", "ba"].map(|text| attach(&mut one, &dossier, text)).into();
    sync(&mut one, &Line::to(&centre));
    sync(&mut other, &Line::to(&centre));
    one.arrange(&dossier, PAPER, &[pages[2], pages[1], pages[0]]).unwrap();
    other.arrange(&dossier, PAPER, &[pages[1], pages[2], pages[0]]).unwrap();
    for _ in 0..2 {
        sync(&mut one, &Line::to(&centre));
        sync(&mut other, &Line::to(&centre));
    }
    let (left, right) = (order(&mut one, &dossier), order(&mut other, &dossier));
    assert_eq!(left, right, "both see one order");
    let mut all = left;
    all.sort_unstable();
    let mut expected = pages.clone();
    expected.sort_unstable();
    assert_eq!(all, expected);
    one.arrange(&dossier, PAPER, &pages).unwrap();
    sync(&mut one, &Line::to(&centre));
    sync(&mut other, &Line::to(&centre));
    assert_eq!(order(&mut other, &dossier), pages, "arranging again settles it");
}

#[test]
fn a_page_taken_out_here_and_moved_elsewhere_comes_back_and_is_brought() {
    let centre = RefCell::new(Centre::new(1, NOW));
    let ((_a, mut one), (_b, mut other)) = (device(1), device(2));
    let dossier = one.new_dossier("1.001193", None).unwrap().dossier;
    let pages: Vec<BlobId> = ["một", "hai"].map(|text| attach(&mut one, &dossier, text)).into();
    sync(&mut one, &Line::to(&centre));
    sync(&mut other, &Line::to(&centre));
    one.detach(&dossier, PAPER, &pages[0]).unwrap();
    assert_eq!(order(&mut one, &dossier), [pages[1]]);
    assert_eq!(one.files_to_bring().unwrap(), [(dossier, pages[1])], "what is taken out is not brought");
    other.arrange(&dossier, PAPER, &[pages[1], pages[0]]).unwrap();
    sync(&mut other, &Line::to(&centre));
    sync(&mut one, &Line::to(&centre));
    sync(&mut other, &Line::to(&centre));
    assert_eq!(order(&mut one, &dossier), [pages[1], pages[0]]);
    assert_eq!(order(&mut other, &dossier), [pages[1], pages[0]]);
    assert_eq!(one.files_to_bring().unwrap().len(), 2);
    assert_eq!(one.read_blob(&pages[0], &mut Vec::new()).unwrap(), 5, "its content was kept");
}
