/**
 * What `portsentry` says of itself.
 *
 * The sentences are ours. What scripts look for is PortSentry's: the line of 1.2's usage that names
 * the modes, and a first word that says which program this is.
 */
import { VERSION } from "../../version.ts";

/** One line, without a line end. */
export const VERSION_LINE = `Portsentry, by Vedette ${VERSION}`;

/** 1.2 prints its usage on the standard output, whatever was wrong. */
export const USAGE_OF_1_2 = `${VERSION_LINE}

usage: portsentry [-tcp -udp -stcp -atcp -sudp -audp]

Say exactly one of them. It ends with 0 once it goes on without a terminal and watches, or says why
it cannot; with --foreground it stays. -c FILE names another configuration than
/etc/portsentry/portsentry.conf.
portsentry --help tells of the options of PortSentry 2.x, which are known, too.
`;

export const HELP_OF_2_X = `${VERSION_LINE}

usage: portsentry [options]

      --stealth             watch in the kernel, with no port open (the default)
      --connect             open the ports and accept whoever comes
  -m, --method METHOD       pcap or raw; both are the same here
  -i, --interface NAME      watch this interface; may be repeated. ALL: every one. ALL_NLO: every
                            one but the loopback (the default)
  -l, --logoutput WHERE     stdout (the default) or syslog; may be repeated
  -c, --configfile FILE     configuration (default: /etc/portsentry/portsentry.conf)
  -D, --daemon              go on without a terminal, and log to syslog; ends with 0 once it watches
      --foreground          stay with the terminal (the default)
  -L, --disable-local-check    taken, and without effect: own addresses are told and never banned
  -S, --disable-service-check  watch ports that a service has, too
  -v, --verbose             tell more
  -d, --debug               tell everything
  -h, --help                print this
  -V, --version             print the version

or, as PortSentry 1.2: portsentry -tcp | -udp | -stcp | -sudp | -atcp | -audp [--foreground]
`;
