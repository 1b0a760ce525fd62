//! To which addresses events may go: to public ones, and to networks that the operator allows. Everything that is not meant to
//! be reached from elsewhere is refused, whichever way it is written: an IPv6 address that holds an IPv4 one counts as that.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

/// A network: its addresses begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address belongs to it.
    fn contains(self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.bits);
                let beginning = |one: Ipv4Addr| u64::from(one.to_bits()) >> shift;
                beginning(base) == beginning(address)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let differs = base.to_bits() ^ address.to_bits();
                differs.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }

    const fn v4(a: u8, b: u8, c: u8, bits: u8) -> Self {
        let base = IpAddr::V4(Ipv4Addr::new(a, b, c, 0));
        Self { base, bits }
    }

    const fn v6(beginning: [u16; 4], bits: u8) -> Self {
        let [a, b, c, d] = beginning;
        let base = IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0));
        Self { base, bits }
    }
}

/// What is no network: an address, a slash, and how many bits its addresses share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotANetwork;

impl fmt::Display for NotANetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a network such as 10.0.0.0/8, or an address")
    }
}

impl std::error::Error for NotANetwork {}

impl FromStr for Network {
    type Err = NotANetwork;

    /// `10.0.0.0/8`, `fd00::/8`, or one address.
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits)),
            None => (text, None),
        };
        let base: IpAddr = base.trim().parse().map_err(|_| NotANetwork)?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.trim().parse().map_err(|_| NotANetwork)?,
            None => most,
        };
        match bits <= most {
            true => Ok(Self { base, bits }),
            false => Err(NotANetwork),
        }
    }
}

/// Networks of IPv4 that are not public, by the registry of special addresses (RFC 6890 and those after it).
const SPECIAL_V4: [Network; 16] = [
    // This network, which systems take for the machine itself.
    Network::v4(0, 0, 0, 8),
    Network::v4(10, 0, 0, 8),
    // Shared by providers (CGNAT).
    Network::v4(100, 64, 0, 10),
    // Loopback.
    Network::v4(127, 0, 0, 8),
    // Link-local: where clouds keep their credentials.
    Network::v4(169, 254, 0, 16),
    Network::v4(172, 16, 0, 12),
    // Protocol assignments.
    Network::v4(192, 0, 0, 24),
    // Documentation.
    Network::v4(192, 0, 2, 24),
    // The former relays of 6to4.
    Network::v4(192, 88, 99, 24),
    Network::v4(192, 168, 0, 16),
    // Benchmarks.
    Network::v4(198, 18, 0, 15),
    // Documentation.
    Network::v4(198, 51, 100, 24),
    Network::v4(203, 0, 113, 24),
    // Multicast.
    Network::v4(224, 0, 0, 4),
    // Reserved, and broadcast.
    Network::v4(240, 0, 0, 4),
    // The direct delegation of AS112.
    Network::v4(192, 175, 48, 24),
];

/// The part of IPv6 that is public at all (RFC 4291).
const GLOBAL_V6: Network = Network::v6([0x2000, 0, 0, 0], 3);

/// What is not public within it.
const SPECIAL_V6: [Network; 6] = [
    // Protocol assignments, Teredo and ORCHID among them.
    Network::v6([0x2001, 0, 0, 0], 23),
    // Documentation.
    Network::v6([0x2001, 0x0db8, 0, 0], 32),
    Network::v6([0x3fff, 0, 0, 0], 20),
    // 6to4, which leads to any address of IPv4.
    Network::v6([0x2002, 0, 0, 0], 16),
    // The direct delegation of AS112.
    Network::v6([0x2620, 0x004f, 0x8000, 0], 48),
    // Segment routing.
    Network::v6([0x5f00, 0, 0, 0], 16),
];

/// The prefixes behind which a translator reaches IPv4 (NAT64).
const NAT64: [Network; 2] = [
    Network::v6([0x0064, 0xff9b, 0, 0], 96),
    Network::v6([0x0064, 0xff9b, 0x0001, 0], 48),
];

/// Whether an address is meant to be reached from everywhere.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => !SPECIAL_V4.iter().any(|special| special.contains(address)),
        IpAddr::V6(_) => {
            GLOBAL_V6.contains(address)
                && !SPECIAL_V6.iter().any(|special| special.contains(address))
        }
    }
}

/// The IPv4 address that an IPv6 address is another way to write; anything else as it is.
fn canonical(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else {
        return address;
    };
    match six.to_ipv4_mapped() {
        Some(four) => IpAddr::V4(four),
        None => address,
    }
}

/// Where events may go. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct AddressRules {
    allowed: Arc<[Network]>,
}

impl AddressRules {
    /// Public addresses, and these networks.
    pub fn new(allowed: Vec<Network>) -> Self {
        let allowed = allowed.into();
        Self { allowed }
    }

    /// Whether any network is allowed that is not public.
    pub fn allow_any(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// Whether events may go there: over TLS to public addresses and allowed networks, without it to allowed networks alone.
    pub fn permits(&self, address: IpAddr, secure: bool) -> bool {
        let address = canonical(address);
        let translated = NAT64.iter().any(|prefix| prefix.contains(address));
        let allowed = self.allowed.iter().any(|network| network.contains(address));
        allowed || (secure && !translated && is_public(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(allowed: &[&str]) -> AddressRules {
        let allowed = allowed.iter().map(|text| text.parse().unwrap());
        AddressRules::new(allowed.collect())
    }

    #[test]
    fn what_is_not_public_is_refused_however_it_is_written() {
        let refused = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::808:808",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "2620:4f:8000::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ];
        for text in refused {
            let address = text.parse().unwrap();
            assert!(!rules(&[]).permits(address, true), "{text}");
            assert!(!rules(&["192.0.2.200"]).permits(address, false), "{text}");
        }
    }

    #[test]
    fn what_is_public_is_reached_over_tls_alone() {
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.0.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2001:200::1",
            "2606:4700:4700::1111",
            "2a00:1450:4001::200e",
        ];
        for text in public {
            let address = text.parse().unwrap();
            assert!(rules(&[]).permits(address, true), "{text}");
            assert!(!rules(&[]).permits(address, false), "{text}");
        }
    }

    #[test]
    fn a_network_that_is_allowed_is_reached_and_no_other() {
        let rules = rules(&["10.1.0.0/16", "fd00::/8", "127.0.0.1"]);
        for (text, permitted) in [
            ("10.1.255.1", true),
            ("10.2.0.1", false),
            ("::ffff:10.1.0.1", true),
            ("fd12::1", true),
            ("fc00::1", false),
            ("127.0.0.1", true),
            ("127.0.0.2", false),
        ] {
            let address = text.parse().unwrap();
            assert_eq!(rules.permits(address, true), permitted, "{text}");
            assert_eq!(rules.permits(address, false), permitted, "{text}");
        }
        assert!(
            AddressRules::new(vec!["0.0.0.0/0".parse().unwrap()])
                .permits("10.0.0.1".parse().unwrap(), false)
        );
        for wrong in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/-1",
            "net",
            "10.0.0.0/8/8",
        ] {
            assert_eq!(wrong.parse::<Network>(), Err(NotANetwork), "{wrong}");
        }
    }
}
