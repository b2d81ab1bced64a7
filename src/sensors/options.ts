/**
 * Configuration keys of what is watched: transports, ports, interfaces, and the kernel's log.
 *
 * The list modes watch TCP_PORTS and UDP_PORTS; the advanced modes watch every port below
 * ADVANCED_PORTS_* that nobody serves. Defaults of the lists are those that Debian ships. In
 * profile portsentry they are empty, as in PortSentry, whose files always name their ports.
 */
import { choice, count, flag, interfaceNames, ports, protocols, text } from "../key-types.ts";
import { portsentryPortLimit } from "../portsentry-numbers.ts";

/**
 * How one transport is watched. `listen`: real sockets on the listed ports. `listed`: the listed
 * ports in the kernel's log. `unused`: every unused port in the kernel's log. `off`: not at all.
 */
export type WatchMode = "listen" | "listed" | "unused" | "off";

/** Keys of this folder by their name in the file. */
export const sensorKeys = {
  TCP_MODE: choice<WatchMode>({
    default: "atcp",
    portsentry: "stealth",
    about:
      "How TCP is watched. atcp: every unused port. stcp (or stealth): the unused ones of " +
      "TCP_PORTS. tcp (or connect): real listeners on TCP_PORTS, which prove that a source is " +
      'real. "": not at all. In profile portsentry /etc/default/portsentry is asked where nobody ' +
      "else says it, before the default.",
    values: {
      atcp: "unused",
      stcp: "listed",
      stealth: "listed",
      tcp: "listen",
      connect: "listen",
      "": "off",
    },
  }),
  UDP_MODE: choice<WatchMode>({
    default: "audp",
    portsentry: "stealth",
    about:
      "How UDP is watched. audp: every unused port. sudp (or stealth): the unused ones of " +
      'UDP_PORTS. udp (or connect): real sockets on UDP_PORTS. "": not at all. For profile ' +
      "portsentry see TCP_MODE.",
    values: {
      audp: "unused",
      sudp: "listed",
      stealth: "listed",
      udp: "listen",
      connect: "listen",
      "": "off",
    },
  }),
  TCP_PORTS: ports({
    default:
      "1,11,15,79,111,119,143,540,635,1080,1524,2000,5742,6667,12345,12346,20034,27665,31337," +
      "32771,32772,32773,32774,40421,49724,54320",
    portsentry: "",
    about: "TCP ports that the list modes watch.",
  }),
  UDP_PORTS: ports({
    default:
      "1,7,9,69,161,162,513,635,640,641,700,37444,34555,31335,32770,32771,32772,32773,32774," +
      "31337,54321",
    portsentry: "",
    about:
      "UDP ports that the list modes watch. The advanced mode watches those of them, too, that " +
      "lie among the ports that this machine uses for its own questions.",
  }),
  ADVANCED_PORTS_TCP: count({
    default: "65536",
    portsentry: "1024",
    min: 1,
    max: 65_536,
    about: "The advanced TCP mode watches the ports below this number.",
    asPortSentry: portsentryPortLimit,
  }),
  ADVANCED_PORTS_UDP: count({
    default: "65536",
    portsentry: "1024",
    min: 1,
    max: 65_536,
    about: "The advanced UDP mode watches the ports below this number.",
    asPortSentry: portsentryPortLimit,
  }),
  ADVANCED_EXCLUDE_TCP: ports({
    default: "113",
    portsentry: "",
    about: "TCP ports that nobody is held or banned for; mail servers ask port 113.",
  }),
  ADVANCED_EXCLUDE_UDP: ports({
    default: "67,68,137,138,520,1900,3702,5353,5355",
    portsentry: "",
    about: "UDP ports that nobody is held or banned for; the default is the chatter of discovery.",
  }),
  INTERFACES: interfaceNames({
    default: "",
    about:
      "Network interfaces that are watched. Empty: all but the loopback, which SENSE_LOOPBACK adds; " +
      "to name it (lo) does the same.",
  }),
  SENSE_LOOPBACK: flag({
    default: "0",
    about:
      "Whether the loopback is watched, too: what this machine sends to itself. It is told and " +
      "judged, and nothing follows: own addresses are trusted, so that they are never held and " +
      "never banned, and the answer is as without a guard. A program that tries ::1 before " +
      "127.0.0.1 is told of as well.",
  }),
  SENSE_ACK: flag({
    default: "0",
    about:
      "Whether packets of ACK, Window and Maimon scans (ACK alone, FIN and ACK, and odd flags with " +
      "ACK) to a port without a socket are probes. They never hold their source and are answered " +
      "as without a guard; a verdict bans for them as for others. What is left of ended " +
      "connections looks like them, so data (PSH), ports served within GRACE and the ports that " +
      "this machine asks from are left out. What cannot be told apart: a client that goes on " +
      "speaking to a service gone for longer than GRACE, or to another machine that had this " +
      "address; each is one port of one source, which convicts where SCAN_TRIGGER is 0 or 1.",
  }),
  SENSE_SERVED: flag({
    default: "0",
    about:
      "Whether the modes stcp, sudp and stealth tell of listed ports that a service has, too " +
      "(PortSentry 2.x: -S). A connection's beginning and a datagram are probes then, a running " +
      "connection's packets are not. Nothing is held, dropped or answered otherwise for them, but " +
      "they count towards SCAN_TRIGGER: a client of such a service can be banned.",
  }),
  SENSE_OTHER: flag({
    default: "0",
    about:
      "Whether pings (ICMP echo, timestamp and address mask requests) and packets of protocols " +
      "that nothing serves are probes. They never hold their source and are answered as without " +
      "a guard. One alone says nothing: pings of three of this machine's addresses (a sweep) or " +
      "three protocols (nmap -sO) convict, and with DETECTOR sequential no pings of somebody who " +
      "has a connection to a service. A protocol is served where this machine has sent packets of " +
      "it itself within GRACE: tunnels, IPsec, routing. None of it shows who sends it, so that " +
      "PROOF decides as of any claimed source. A verdict bans by NFT_BAN where BLOCK_TCP or " +
      "BLOCK_UDP is 1; PortSentry's responses and files name a port and know nothing of it.",
  }),
  OTHER_EXCLUDE: protocols({
    default: "2,46,88,89,103,112,124",
    about:
      "With SENSE_OTHER: IP protocols that nobody is banned for, by their numbers; 1 and 58 are " +
      "pings. The default is what neighbours in a network send one another: IGMP, RSVP, EIGRP, " +
      "OSPF, PIM, VRRP and IS-IS. Broadcast and multicast never count. To be added: what a " +
      "program here takes without ever answering over it.",
  }),
  PORT_BANNER: text({
    default: "",
    maxCharacters: 1024,
    about:
      "Text that the TCP listeners of the modes tcp and connect, and ports of PHANTOM, send to " +
      "whoever connects, as it is, without a line end. Datagrams are never answered: their sender may be forged.",
  }),
  NFLOG_GROUP: count({
    default: "4242",
    min: 1,
    max: 65_535,
    about: "Group of the kernel's packet log; one listener in a network namespace may have it.",
  }),
  NFLOG_RATE: count({
    default: "50000",
    min: 100,
    max: 1_000_000,
    about: "Probes that the kernel logs a second. What is beyond is held and counted, not told.",
  }),
};
