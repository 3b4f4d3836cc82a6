//! The browser apps, as a browser fetches them.

use std::path::Path;

use sync_server::web::{Web, WebFault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::world::World;

/// A folder as a build of the apps leaves it.
fn built() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    put("index.html", "<!doctype html><title>Trạm</title>");
    put("sw.js", "self.skipWaiting()");
    put("manifest.webmanifest", "{}");
    put("assets/worker-1c.js", "onmessage = null");
    put("assets/sprite-7d.svg", "<svg/>");
    put("assets/core-4f2a.wasm", "plain wasm");
    put("assets/core-4f2a.wasm.br", "brotli");
    put("assets/core-4f2a.wasm.gz", "gzip");
    put(".vite/manifest.json", "{}");
    folder
}

async fn serving(folder: &Path) -> World {
    let mut world = World::new().await;
    world.stop().await;
    world.web = Some(Web::folder(folder).unwrap());
    world.start().await;
    world
}

async fn get(world: &World, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = world.http.get(format!("{}{path}", world.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// The status of a request whose address is sent as it is, which a client library would tidy up.
async fn raw(world: &World, method: &str, path: &str) -> (u16, String) {
    let host = world.url.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_place_of_every_app_is_the_page_under_a_strict_policy() {
    let folder = built();
    let world = serving(folder.path()).await;
    for path in ["/", "/index.html", "/postal", "/postal/", "/branch/queue/7", "/operator", "/track/H29.16-261121-0001"]
    {
        let page = get(&world, path, &[]).await;
        assert_eq!(page.status(), 200, "{path}");
        let headers = page.headers().clone();
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(headers["cache-control"], "no-cache");
        let expected = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
            img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; worker-src 'self'; \
            manifest-src 'self'; media-src 'self' blob:; frame-src blob:; object-src 'none'; base-uri 'none'; \
            form-action 'none'; frame-ancestors 'none'";
        assert_eq!(headers["content-security-policy"], expected);
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["permissions-policy"], "camera=(self), microphone=(), geolocation=()");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert!(page.text().await.unwrap().contains("Trạm"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_have_their_types_and_hashed_ones_are_kept_for_ever() {
    let folder = built();
    let world = serving(folder.path()).await;
    let forever = "public, max-age=31536000, immutable";
    for (path, media, caching) in [
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json; charset=utf-8", "no-cache"),
        ("/assets/core-4f2a.wasm", "application/wasm", forever),
    ] {
        let file = get(&world, path, &[]).await;
        assert_eq!(file.status(), 200, "{path}");
        assert_eq!(file.headers()["content-type"], media);
        assert_eq!(file.headers()["cache-control"], caching);
    }
    let first = get(&world, "/sw.js", &[]).await;
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let again = get(&world, "/sw.js", &[("if-none-match", &tag)]).await;
    assert_eq!((again.status().as_u16(), again.headers()["etag"].to_str().unwrap()), (304, tag.as_str()));
    assert_eq!(get(&world, "/sw.js", &[("if-none-match", "\"other\"")]).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_can_run_has_a_policy_and_the_rest_is_spared_it() {
    let folder = built();
    let world = serving(folder.path()).await;
    for (path, runs, is_page) in [
        ("/", true, true),
        ("/sw.js", true, false),
        ("/assets/worker-1c.js", true, false),
        ("/assets/sprite-7d.svg", true, false),
        ("/assets/core-4f2a.wasm", false, false),
        ("/manifest.webmanifest", false, false),
    ] {
        let headers = get(&world, path, &[]).await.headers().clone();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers.contains_key("content-security-policy"), runs, "{path}");
        assert_eq!(headers.contains_key("referrer-policy"), runs, "{path}");
        assert_eq!(headers.contains_key("permissions-policy"), is_page, "{path}");
        assert_eq!(headers.contains_key("cross-origin-opener-policy"), is_page, "{path}");
    }
    let page = get(&world, "/", &[]).await;
    let again = get(&world, "/", &[("if-none-match", page.headers()["etag"].to_str().unwrap())]).await;
    assert_eq!(again.status(), 304);
    assert!(again.headers().contains_key("content-security-policy"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compressed_form_goes_to_whoever_takes_it() {
    let folder = built();
    let world = serving(folder.path()).await;
    let path = "/assets/core-4f2a.wasm";
    let mut tags = std::collections::BTreeSet::new();
    for (accept, coding, body) in [
        ("gzip, deflate, br;q=1.0, zstd", Some("br"), "brotli"),
        ("gzip, br;q=0", Some("gzip"), "gzip"),
        ("br;q=0.000, gzip;q=0", None, "plain wasm"),
        ("identity", None, "plain wasm"),
    ] {
        let file = get(&world, path, &[("accept-encoding", accept)]).await;
        assert_eq!(file.headers().get("content-encoding").map(|value| value.to_str().unwrap()), coding, "{accept}");
        assert_eq!(file.headers()["vary"], "accept-encoding");
        assert_eq!(file.headers()["content-type"], "application/wasm");
        tags.insert(file.headers()["etag"].to_str().unwrap().to_owned());
        assert_eq!(file.text().await.unwrap(), body);
    }
    assert_eq!(tags.len(), 3, "each form has its tag");
    for hidden in [".br", ".gz"] {
        assert_eq!(get(&world, &format!("{path}{hidden}"), &[]).await.status(), 404);
    }
    assert!(get(&world, "/sw.js", &[]).await.headers().get("vary").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_address_leads_out_of_the_folder() {
    let folder = built();
    let world = serving(folder.path()).await;
    for path in [
        "/../outside",
        "/assets/../../outside",
        "/%2e%2e/outside",
        "/assets/%2e%2e%2f%2e%2e%2foutside",
        "/postal/%2e%2e/%2e%2e/outside",
        "/postal/../sw.js",
        "/..%5coutside",
        "//outside",
        "/.vite/manifest.json",
        "/assets/",
        "/assets/none.js",
        "/nowhere",
    ] {
        let (status, answer) = raw(&world, "GET", path).await;
        assert_eq!(status, 404, "{path}");
        assert!(answer.contains("NOT_FOUND"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_keeps_its_own_refusals_and_heads_have_no_body() {
    let folder = built();
    let world = serving(folder.path()).await;
    for path in ["/v1", "/v1/", "/v1/nowhere", "/v1/postal"] {
        let refused = get(&world, path, &[("accept", "text/html")]).await;
        assert_eq!(refused.status(), 404, "{path}");
        let fault: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(fault["code"], "NOT_FOUND");
    }
    assert_eq!(raw(&world, "POST", "/postal").await.0, 404);
    let (status, answer) = raw(&world, "HEAD", "/assets/core-4f2a.wasm").await;
    assert_eq!(status, 200);
    assert!(answer.contains("content-length: 10\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
    assert!(answer.contains("content-type: application/wasm"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_app_the_page_says_how_to_build_one() {
    let mut world = World::new().await;
    world.stop().await;
    world.web = Some(Web::default());
    world.start().await;
    let page = get(&world, "/postal", &[]).await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert!(page.headers().contains_key("content-security-policy"));
    assert!(page.text().await.unwrap().contains("cargo xtask web"));
    assert_eq!(get(&world, "/sw.js", &[]).await.status(), 404);
}

#[test]
fn a_folder_without_a_page_is_not_served() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Web::folder(folder.path()), Err(WebFault::NoPage { .. })));
    assert!(matches!(Web::folder(&folder.path().join("none")), Err(WebFault::Unreadable { .. })));
}
