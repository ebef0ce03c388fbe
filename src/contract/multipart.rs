//! Forms with files in them: `multipart/form-data` (RFC 7578).

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The field's name, such as `photo[file]`.
    pub name: String,
    /// The file's name, if the field is a file.
    pub file_name: Option<String>,
    /// The field's value, or the file.
    pub content: Vec<u8>,
}

/// What stands between the parts of a form that is composed here, unless a part has it inside.
const BOUNDARY: &str = "----hubproof";

/// The content type and the bytes of a form. Quotes and line breaks in names are percent-encoded, as browsers do.
#[must_use]
pub fn compose(parts: &[Part]) -> (String, Vec<u8>) {
    let mut boundary = BOUNDARY.to_owned();
    while parts.iter().any(|part| position(&part.content, boundary.as_bytes()).is_some()) {
        boundary.push('-');
    }
    let mut bytes = Vec::new();
    for part in parts {
        let file = part.file_name.as_ref().map(|name| format!("; filename=\"{}\"", quoted(name))).unwrap_or_default();
        let name = quoted(&part.name);
        let head = format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&part.content);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), bytes)
}

/// The fields of a form; `None` if it is none.
#[must_use]
pub fn parse(content_type: &str, bytes: &[u8]) -> Option<Vec<Part>> {
    let mut words = content_type.split(';').map(str::trim);
    words.next().filter(|kind| kind.eq_ignore_ascii_case("multipart/form-data"))?;
    let boundary = words.find_map(|word| {
        let (name, value) = word.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    });
    let boundary = boundary.filter(|boundary| !boundary.is_empty())?;
    let delimiter = format!("\r\n--{boundary}");
    let first = format!("--{boundary}");
    let start = if bytes.starts_with(first.as_bytes()) {
        first.len()
    } else {
        position(bytes, delimiter.as_bytes())? + delimiter.len()
    };
    let mut rest = &bytes[start..];
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let begun = rest.strip_prefix(b"\r\n")?;
        let end = position(begun, delimiter.as_bytes())?;
        parts.push(part(&begun[..end])?);
        rest = &begun[end + delimiter.len()..];
    }
    Some(parts)
}

fn part(bytes: &[u8]) -> Option<Part> {
    let end = position(bytes, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    Some(Part {
        name: parameter(disposition, "name")?,
        file_name: parameter(disposition, "filename"),
        content: bytes[end + 4..].to_vec(),
    })
}

/// A quoted parameter of a header. What looks like one within the value of another is none.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header;
    while let Some((before, behind)) = rest.split_once("=\"") {
        let (value, behind) = behind.split_once('"').unwrap_or((behind, ""));
        if before.rsplit([' ', ';']).next() == Some(name) {
            return Some(value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
        }
        rest = behind;
    }
    None
}

fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, file_name: Option<&str>, content: &[u8]) -> Part {
        Part { name: name.to_owned(), file_name: file_name.map(str::to_owned), content: content.to_vec() }
    }

    #[test]
    fn what_looks_like_a_parameter_within_a_name_is_none() {
        for name in ["a filename=", "a; filename=", "x;name=", " name="] {
            let parts = vec![field(name, None, b"value"), field("photo", Some(name), b"file")];
            let (content_type, bytes) = compose(&parts);
            assert_eq!(parse(&content_type, &bytes), Some(parts), "{name:?}");
        }
    }

    #[test]
    fn a_form_reads_back_as_it_was_composed() {
        let parts = [
            field("photo[type]", None, b"item"),
            field("photo[file]", Some("a \"b\".jpg"), b"\r\n----hubproof\r\n\x00\xff"),
            field("empty", None, b""),
        ];
        for parts in [&parts[..], &[]] {
            let (content_type, bytes) = compose(parts);
            assert_eq!(parse(&content_type, &bytes).as_deref(), Some(parts));
        }
    }

    #[test]
    fn what_other_clients_send_is_read() {
        let bytes = b"preamble\r\n--x\r\nContent-Disposition: form-data; name=\"photo[file]\"; filename=\"a.jpg\"\r\n\
            Content-Type: image/jpeg\r\n\r\nJPEG\r\n--x--\r\n";
        assert_eq!(
            parse("multipart/form-data; charset=utf-8; boundary=\"x\"", bytes),
            Some(vec![field("photo[file]", Some("a.jpg"), b"JPEG")])
        );
    }

    #[test]
    fn what_is_no_form_is_none() {
        let (content_type, bytes) = compose(&[field("a", None, b"1")]);
        assert_eq!(parse("application/json", &bytes), None);
        assert_eq!(parse("multipart/form-data", &bytes), None);
        assert_eq!(parse(&content_type, b"{}"), None);
        assert_eq!(parse(&content_type, &bytes[..bytes.len() - 8]), None);
    }
}
