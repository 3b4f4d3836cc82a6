//! How often one address may ask what anybody may ask.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Mutex, PoisonError},
};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap},
};

/// Look-ups of dossiers of one address in one window. A household behind one address looks at a few; a whole day's
/// serials of one unit take hours.
pub(super) const MAX_LOOKUPS: u32 = 60;
/// Questions to the guide of one address in one window. Every letter of a search is one, and a school or an office has
/// many first visitors behind one address.
pub(super) const MAX_QUESTIONS: u32 = 1_200;
/// The window.
pub(super) const WINDOW_MS: i64 = 60_000;
/// Addresses remembered at once, a few megabytes. When there are more, all begin anew.
const MAX_PEERS: usize = 50_000;

/// The look-ups of each address in its window, in the memory of this process.
#[derive(Debug)]
pub(crate) struct Pace {
    windows: Mutex<HashMap<IpAddr, Window>>,
    most: u32,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    since_ms: i64,
    lookups: u32,
}

impl Pace {
    /// At most so many look-ups of one address in a window.
    pub fn of(most: u32) -> Self {
        Self { windows: Mutex::default(), most }
    }

    /// Counts a look-up. `Err` with the seconds until the next window if there were too many.
    pub fn count(&self, peer: IpAddr, now_ms: i64) -> Result<(), u32> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MAX_PEERS && !windows.contains_key(&peer) {
            windows.clear();
        }
        let window = windows.entry(peer).or_insert(Window { since_ms: now_ms, lookups: 0 });
        let passed_ms = now_ms.saturating_sub(window.since_ms);
        // A clock that was set back would otherwise shut somebody out for as long as it went.
        if !(0..WINDOW_MS).contains(&passed_ms) {
            *window = Window { since_ms: now_ms, lookups: 0 };
        }
        if window.lookups >= self.most {
            let left_ms = WINDOW_MS - passed_ms;
            return Err(u32::try_from((left_ms + 999) / 1000).unwrap_or(1));
        }
        window.lookups += 1;
        Ok(())
    }
}

/// Who asks. On this machine a proxy asks for others, and says for whom in the last place of `X-Forwarded-For`; nobody
/// else is believed. An IPv6 network of 64 bits is one household.
pub(super) fn peer(extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
    let direct = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let direct = direct.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
    let named = || {
        let last = headers.get_all("x-forwarded-for").into_iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
    };
    let asker = if direct.is_loopback() { named().unwrap_or(direct) } else { direct };
    match asker.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, forwarded: Option<&str>) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        if let Some(forwarded) = forwarded {
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        }
        super::peer(&extensions, &headers).to_string()
    }

    #[test]
    fn a_proxy_is_believed_only_on_this_machine() {
        assert_eq!(from("203.0.113.7", Some("198.51.100.1")), "203.0.113.7");
        assert_eq!(from("127.0.0.1", Some("6.6.6.6, 198.51.100.1")), "198.51.100.1");
        assert_eq!(from("::ffff:127.0.0.1", Some("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::");
        assert_eq!(from("127.0.0.1", Some("noise")), "127.0.0.1");
        assert_eq!(from("127.0.0.1", None), "127.0.0.1");
    }

    #[test]
    fn a_window_is_full_and_passes() {
        let (pace, one, other) = (Pace::of(MAX_LOOKUPS), "10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        for _ in 0..MAX_LOOKUPS {
            assert_eq!(pace.count(one, 1_000), Ok(()));
        }
        assert_eq!(pace.count(one, 1_001), Err(60));
        assert_eq!(pace.count(one, 60_500), Err(1));
        assert_eq!(pace.count(other, 1_001), Ok(()));
        assert_eq!(pace.count(one, 61_000), Ok(()));
    }
}
