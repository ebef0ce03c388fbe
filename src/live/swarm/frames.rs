//! WebSocket frames of a client: read where they lie, written into a buffer that is used again.

use std::io::Cursor;
use std::ops::Range;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

/// The largest message.
pub(super) const LARGEST_MESSAGE: usize = 64 << 20;

/// A frame that lies whole in a buffer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) opcode: OpCode,
    pub(super) is_final: bool,
    /// Where its payload lies.
    pub(super) payload: Range<usize>,
}

/// The first frame of `bytes`; `None` while it is not whole.
///
/// # Errors
/// In words, where it is no frame of a server: masked, with bits of an extension that nobody asked for, or too large.
pub(super) fn first(bytes: &[u8]) -> Result<Option<Found>, String> {
    let mut cursor = Cursor::new(bytes);
    let parsed = FrameHeader::parse(&mut cursor).map_err(|error| error.to_string())?;
    let Some((header, length)) = parsed else { return Ok(None) };
    if header.mask.is_some() {
        return Err("a masked frame from a server".to_owned());
    }
    if header.rsv1 || header.rsv2 || header.rsv3 {
        return Err("a frame with bits of an extension that was not asked for".to_owned());
    }
    let length = usize::try_from(length).ok().filter(|length| *length <= LARGEST_MESSAGE);
    let length = length.ok_or_else(|| format!("a frame of more than {LARGEST_MESSAGE} bytes"))?;
    let start = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
    let end = start.saturating_add(length);
    Ok((end <= bytes.len()).then_some(Found { opcode: header.opcode, is_final: header.is_final, payload: start..end }))
}

/// Appends one whole frame with this mask.
pub(super) fn append(out: &mut Vec<u8>, opcode: OpCode, payload: &[u8], mask: [u8; 4]) {
    let header = FrameHeader { opcode, mask: Some(mask), ..FrameHeader::default() };
    // A vector takes whatever is written to it.
    header.format(payload.len() as u64, out).ok();
    let start = out.len();
    out.extend_from_slice(payload);
    cover(out.get_mut(start..).unwrap_or_default(), mask);
}

/// Masks in place, eight bytes at a time.
fn cover(bytes: &mut [u8], [a, b, c, d]: [u8; 4]) {
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip([a, b, c, d].into_iter().cycle()) {
        *byte ^= mask;
    }
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::protocol::frame::coding::Data;

    use super::*;

    #[test]
    fn a_frame_is_masked_as_the_protocol_says() {
        for length in [0, 5, 8, 13, 125, 126, 70_000] {
            let payload: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let mut out = Vec::new();
            append(&mut out, OpCode::Data(Data::Text), &payload, [1, 2, 3, 4]);
            let covered = &out[out.len() - payload.len()..];
            let bare: Vec<u8> = covered.iter().zip([1, 2, 3, 4].into_iter().cycle()).map(|(a, b)| a ^ b).collect();
            assert_eq!(bare, payload);
        }
    }

    #[test]
    fn a_server_s_frame_is_found_once_it_is_whole() {
        let bytes = b"\x81\x05hello\x89\x00";
        for cut in 0..7 {
            assert_eq!(first(&bytes[..cut]), Ok(None), "{cut}");
        }
        let found = first(bytes).unwrap().unwrap();
        assert_eq!((found.opcode, found.is_final, found.payload), (OpCode::Data(Data::Text), true, 2..7));
    }

    #[test]
    fn what_no_server_sends_is_told() {
        assert!(first(b"\x81\x80\x00\x00\x00\x00").unwrap_err().contains("masked"));
        assert!(first(b"\xc1\x00").unwrap_err().contains("extension"));
        assert!(first(b"\x81\x7f\x00\x00\x00\x7f\x00\x00\x00\x00").unwrap_err().contains("more than"));
    }
}
