/** The numbers of the packet formats: where they are written, and where the choice is ours. */

// Specification

/** Shortest IPv4 header, bytes. RFC 791 section 3.1 (IHL of 5). */
export const IPV4_HEADER_MIN_BYTES = 20;
/** "Don't Fragment" in the flags-and-offset field. RFC 791 section 3.1. */
export const IPV4_DONT_FRAGMENT = 0x4000;
/** "More Fragments" in the same field. RFC 791 section 3.1. */
export const IPV4_MORE_FRAGMENTS = 0x2000;
/** Fragment offset, in units of 8 bytes, in the same field. RFC 791 section 3.1. */
export const IPV4_FRAGMENT_OFFSET_MASK = 0x1fff;

/** Length of the fixed IPv6 header, bytes. RFC 8200 section 3. */
export const IPV6_HEADER_BYTES = 40;
/** Length of the fragment header, bytes. RFC 8200 section 4.5. */
export const IPV6_FRAGMENT_HEADER_BYTES = 8;
/** "M" flag of the fragment header: more fragments follow. RFC 8200 section 4.5. */
export const IPV6_MORE_FRAGMENTS = 0x0001;

/** Protocol numbers, IANA "Assigned Internet Protocol Numbers". */
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
/** IPv6 hop-by-hop options; only directly behind the fixed header. RFC 8200 sections 4.1, 4.3. */
export const PROTOCOL_HOP_BY_HOP = 0;
/** IPv6 routing header. RFC 8200 section 4.4. */
export const PROTOCOL_ROUTING = 43;
/** IPv6 fragment header. RFC 8200 section 4.5. */
export const PROTOCOL_FRAGMENT = 44;
/** Authentication header; its length field counts words less two. RFC 4302 section 2.2. */
export const PROTOCOL_AUTHENTICATION = 51;
export const PROTOCOL_ICMPV6 = 58;
/** Nothing follows, in IPv6. RFC 8200 section 4.7. */
export const PROTOCOL_NO_NEXT_HEADER = 59;
/** IPv6 destination options. RFC 8200 section 4.6. */
export const PROTOCOL_DESTINATION_OPTIONS = 60;

/** Shortest TCP header, bytes. RFC 9293 section 3.1 (data offset of 5). */
export const TCP_HEADER_MIN_BYTES = 20;
/** Longest options: the data offset of 15 less the shortest header, bytes. RFC 9293 section 3.1. */
export const TCP_OPTIONS_MAX_BYTES = 40;
/** Control bits of TCP. RFC 9293 section 3.1; ECE and CWR: RFC 3168 section 6.1. */
export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_URG = 0x20;
export const TCP_ECE = 0x40;
export const TCP_CWR = 0x80;
/** The bits that say what a segment does to a connection; the others go with any of them. */
export const TCP_SYN_FIN_RST_ACK = TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK;

/** The two options without a length octet. RFC 9293 section 3.1. */
export const TCP_OPTION_END = 0;
export const TCP_OPTION_NO_OPERATION = 1;
/** Maximum segment size (RFC 9293 section 3.7.1) and window scale (RFC 7323 section 2.2). */
export const TCP_OPTION_MAXIMUM_SEGMENT_SIZE = 2;
export const TCP_OPTION_WINDOW_SCALE = 3;
/** SACK permitted (RFC 2018 section 2) and timestamps (RFC 7323 section 3.2). */
export const TCP_OPTION_SACK_PERMITTED = 4;
export const TCP_OPTION_TIMESTAMPS = 8;

/** Length of the UDP header, bytes. RFC 768. */
export const UDP_HEADER_BYTES = 8;

/** Shortest ICMP message: type, code, checksum and a word of the type's own, bytes. RFC 792. */
export const ICMP_HEADER_BYTES = 8;
/** Echo reply and request. RFC 792. */
export const ICMP_ECHO_TYPES: readonly number[] = [0, 8];
/** Types that ask whoever has the address for something. RFC 792; address mask: RFC 950. */
export const ICMP_ECHO_REQUEST = 8;
export const ICMP_TIMESTAMP_REQUEST = 13;
export const ICMP_ADDRESS_MASK_REQUEST = 17;
/** The one of ICMPv6. RFC 4443 section 4.1. */
export const ICMPV6_ECHO_REQUEST = 128;
/** Echo request and reply. RFC 4443 sections 4.1 and 4.2. */
export const ICMPV6_ECHO_TYPES: readonly number[] = [128, 129];

/**
 * Link types that are read. IANA and tcpdump.org, "Link-Layer Header Types". The numbers 12 and 14
 * are what BSD systems call raw IP in memory; some programs write them into files.
 */
export const LINK_NULL = 0;
export const LINK_ETHERNET = 1;
export const LINK_RAW_BSD = 12;
export const LINK_RAW_OPENBSD = 14;
export const LINK_RAW = 101;
export const LINK_LOOP = 108;
export const LINK_LINUX_SLL = 113;
export const LINK_IPV4 = 228;
export const LINK_IPV6 = 229;
export const LINK_LINUX_SLL2 = 276;

/** Destination, source and type, bytes. IEEE 802.3. */
export const ETHERNET_HEADER_BYTES = 14;
/** Tag control information and the type behind it, bytes. IEEE 802.1Q section 9. */
export const VLAN_TAG_BYTES = 4;
/** Types of Ethernet frames. IANA, "IEEE 802 Numbers". */
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;
/** 802.1Q, 802.1ad, and what was written for the outer of two tags before 802.1ad. */
export const ETHERTYPE_VLAN = 0x8100;
export const ETHERTYPE_SERVICE_VLAN = 0x88a8;
export const ETHERTYPE_OLD_SERVICE_VLAN = 0x9100;

/** Headers of cooked captures, bytes. tcpdump.org, LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2. */
export const SLL_HEADER_BYTES = 16;
export const SLL2_HEADER_BYTES = 20;
/** Interfaces whose packets have no Ethernet type in a cooked header. linux/if_arp.h. */
export const ARPHRD_FRAD = 770;
export const ARPHRD_RADIOTAP = 803;
export const ARPHRD_NETLINK = 824;

/** The address family that a loopback packet begins with, bytes. tcpdump.org, LINKTYPE_NULL. */
export const FAMILY_HEADER_BYTES = 4;
export const FAMILY_IPV4 = 2;
/** AF_INET6 of Linux, Windows, NetBSD with OpenBSD, FreeBSD, and Darwin. */
export const FAMILIES_IPV6: readonly number[] = [10, 23, 24, 28, 30];

// Implementation

/** Time to live of what we send: the default that RFC 1700 gives and Linux takes. Hops. */
export const SENT_TTL_HOPS = 64;
/**
 * IPv6 extension headers that are followed before the packet counts as malformed. RFC 8200 names
 * five kinds, of which one may come twice; a longer chain is made to keep a reader busy.
 */
export const MAX_EXTENSION_HEADERS = 8;
/** Stands for "end not known" among offsets; beyond every buffer, and still a small integer. */
export const UNKNOWN_END_OFFSET = 0x7fffffff;
/** Offset basis and prime of the 32-bit FNV-1a hash: draft-eastlake-fnv section 5. */
export const OPTION_DIGEST_START = 0x811c9dc5;
export const OPTION_DIGEST_PRIME = 0x01000193;
