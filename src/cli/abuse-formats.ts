/**
 * Campaigns as AbuseIPDB and DShield take them.
 *
 * A report accuses somebody before others, so that only what is known goes into it: whom, when, ports
 * and how. Nothing of this machine is in it: no address, name or service of ours.
 */
import type { CampaignView } from "../api/contract.ts";

/** abuseipdb.com/categories: "Port Scan". */
const PORT_SCAN = 14;

/** AbuseIPDB cuts what is longer. Octets, which are characters here. */
const LONGEST_COMMENT = 1024;

/** Lines of one campaign in DShield's form; a scan of every port says no more. */
const MAX_PORTS = 1000;

/** What is not known, in DShield's form. */
const UNKNOWN = "???";

/** Scans of one address each: who shares an IPv6 block is not all of it. */
export function isReportable({ address, verdict }: CampaignView): boolean {
  return verdict === "scan" && !address.includes("/");
}

/**
 * AbuseIPDB's bulk report: "IP,Categories,ReportDate,Comment". It takes one report an address in 15
 * minutes, so that of several campaigns the first, which is the newest, stands for all.
 */
export function formatAbuseIpDb(campaigns: readonly CampaignView[]): string {
  const byAddress = new Map<string, CampaignView>();
  for (const campaign of campaigns) {
    if (!byAddress.has(campaign.address)) byAddress.set(campaign.address, campaign);
  }
  const rows = [...byAddress.values()].map((campaign) =>
    [campaign.address, `${PORT_SCAN}`, campaign.last, commentOf(campaign)].map(csvField).join(","),
  );
  return ["IP,Categories,ReportDate,Comment", ...rows].join("\n");
}

/**
 * DShield's own form, isc.sans.edu/specs: date, user, count, source, its port, target, its port,
 * protocol, flags, between tabs. IPv4 alone. We do not keep which probe came from which port, and say
 * nothing of whom it was for.
 * @param user number of a DShield account; 0: nobody's.
 */
export function formatDshield(campaigns: readonly CampaignView[], user: number): string {
  return campaigns
    .filter(({ address }) => !address.includes(":"))
    .flatMap((campaign) => {
      const at = `${campaign.first.slice(0, 19).replace("T", " ")} +00:00`;
      const flags = campaign.kinds.every((kind) => kind === "tcp-syn") ? "S" : "";
      return portsOf(campaign).map(({ transport, port }) =>
        [at, user, 1, campaign.address, UNKNOWN, UNKNOWN, port, transport.toUpperCase()]
          .concat(transport === "tcp" ? flags : "")
          .join("\t"),
      );
    })
    .join("\n");
}

function portsOf({ ports }: CampaignView): { readonly transport: string; readonly port: number }[] {
  const all: { transport: string; port: number }[] = [];
  for (const { transport, ranges } of ports) {
    if (transport !== "tcp" && transport !== "udp") continue;
    for (const [first, last] of ranges) {
      for (let port = first; port <= last && all.length < MAX_PORTS; port++) {
        all.push({ transport, port });
      }
    }
  }
  return all;
}

function commentOf({ ports, port_count, packets, tool, evidence, kinds }: CampaignView): string {
  const named = ports.map(({ transport, ranges }) => {
    const texts = ranges.map(([first, last]) => (first === last ? first : `${first}-${last}`));
    return `${transport} ${texts.join(" ")}`;
  });
  const by = tool === null ? "" : ` by ${tool}`;
  const head = `Port scan of ${port_count} unused ${port_count === 1 ? "port" : "ports"}, ${packets} ${packets === 1 ? "packet" : "packets"} (${kinds.join(" ")}${by}; source ${evidence}): `;
  const text = `${head}${named.join("; ")}`;
  return text.length <= LONGEST_COMMENT ? text : `${text.slice(0, LONGEST_COMMENT - 3)}...`;
}

/** RFC 4180; what a spreadsheet would take for a formula is made a text. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
