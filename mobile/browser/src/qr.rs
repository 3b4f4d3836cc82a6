//! QR codes, made and read.

use dossier::fault::{Code, Fault};
use fast_qr::{
    ECL, QRBuilder,
    convert::{Builder, Shape, svg::SvgBuilder},
};

/// White modules around a code: what the standard asks for.
const QUIET_ZONE: usize = 4;

/// A text as an SVG image that survives creases and cheap printers. Fault: `OVER_LIMIT` if no code holds it.
pub fn svg(text: &str) -> Result<String, Fault> {
    let code = QRBuilder::new(text).ecl(ECL::M).build();
    let code = code.map_err(|_| Fault::new(Code::OverLimit).with("limit", "qr"))?;
    Ok(SvgBuilder::default().shape(Shape::Square).margin(QUIET_ZONE).to_str(&code))
}

/// The text of the first QR code in a picture of grey values, row by row; none if there is none that reads.
pub fn read(luma: &[u8], width: usize, height: usize) -> Option<String> {
    if width == 0 || luma.len() != width.checked_mul(height)? {
        return None;
    }
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| luma[y * width + x]);
    picture.detect_grids().iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code as a camera would see it: each module some points wide, dark on light.
    fn seen(text: &str) -> (Vec<u8>, usize) {
        const POINTS: usize = 5;
        let code = QRBuilder::new(text).ecl(ECL::M).build().unwrap();
        let side = (code.size + 2 * QUIET_ZONE) * POINTS;
        let mut luma = vec![235u8; side * side];
        for y in 0..code.size * POINTS {
            for x in 0..code.size * POINTS {
                if code[y / POINTS][x / POINTS].value() {
                    luma[(y + QUIET_ZONE * POINTS) * side + x + QUIET_ZONE * POINTS] = 25;
                }
            }
        }
        (luma, side)
    }

    #[test]
    fn what_is_made_is_read() {
        let link = "https://tram.test/postal#/take/0197a2c4-9b1e-7d30-8f00-0123456789ab/1.001193";
        let (luma, side) = seen(link);
        assert_eq!(read(&luma, side, side).as_deref(), Some(link));
        assert!(svg(link).unwrap().starts_with("<svg"));
    }

    #[test]
    fn no_code_and_no_picture_are_no_text() {
        assert_eq!(read(&[200; 64 * 64], 64, 64), None);
        assert_eq!(read(&[], 0, 0), None);
        assert_eq!(read(&[1, 2, 3], 2, 2), None);
        assert_eq!(svg(&"x".repeat(5000)).unwrap_err().code, Code::OverLimit);
    }
}
