/**
 * Captures whose truth is known, each judged as its README says. They are not ours to hand on, so
 * they lie beside the project, in `../shared/captures` or where VEDETTE_CAPTURES says; without them
 * these tests say skipped.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfigurationTexts } from "../../src/config/load.ts";
import { runReplay } from "../../src/daemon/replay/run-replay.ts";
import { PROJECT } from "../support/programs.ts";

const CAPTURES = process.env["VEDETTE_CAPTURES"] ?? join(PROJECT, "../shared/captures");

const SCANNER = "10.9.0.1";

/** The verdict on each source that has one, by the defaults of profile vedette but these texts. */
async function verdictsIn(
  file: string,
  texts: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  const report = await runReplay({
    files: [join(CAPTURES, file)],
    values: loadConfigurationTexts(texts),
    configRevision: "test",
    ours: undefined,
    open: undefined,
  });
  return Object.fromEntries(report.campaigns.map(({ source, verdict }) => [source, verdict]));
}

describe.skipIf(!existsSync(CAPTURES))(`captures (skipped where ${CAPTURES} is not)`, () => {
  const scan = { [SCANNER]: "scan" };
  it.each<{ file: string; verdicts: Record<string, string> }>([
    { file: "gen/nmap_sS.pcap", verdicts: scan },
    { file: "gen/nmap_sT.pcap", verdicts: scan },
    { file: "gen/nmap_sF.pcap", verdicts: scan },
    { file: "gen/nmap_sN.pcap", verdicts: scan },
    { file: "gen/nmap_sX.pcap", verdicts: scan },
    { file: "gen/nmap_sU.pcap", verdicts: scan },
    { file: "gen/nmap_6sS.pcap", verdicts: { "fd09::/64": "scan" } },
    {
      file: "gen/nmap_decoy.pcap",
      verdicts: { ...scan, "10.9.0.50": "scan", "10.9.0.51": "scan", "10.9.0.52": "scan" },
    },
    { file: "gen/nmap_O.pcap", verdicts: scan },
    { file: "gen/nmap_frag.pcap", verdicts: scan },
    { file: "gen/masscan.pcap", verdicts: { "10.9.0.77": "scan" } },
    { file: "gen/hping3.pcap", verdicts: scan },
    { file: "gen/hping3_inc.pcap", verdicts: scan },
    { file: "gen/zmap211.pcap", verdicts: { "10.9.0.78": "undecided" } },
    { file: "gen/nmap_sV.pcap", verdicts: { [SCANNER]: "undecided" } },
    { file: "gen/benign_curl.pcap", verdicts: { [SCANNER]: "benign" } },
    { file: "ndpi_tcp_scan.pcapng", verdicts: { "192.168.1.178": "scan" } },
    { file: "simplescan_port_scan.pcap", verdicts: { "192.168.2.154": "scan" } },
    { file: "simplescan_445_scan.pcap", verdicts: { "176.192.150.3": "scan" } },
    { file: "zeek_vnc-scanner.pcap", verdicts: { "192.168.0.11": "benign" } },
    {
      file: "tcpreplay_test.pcap",
      verdicts: { "172.16.11.12": "benign", "2001:4958:15a0:24::/64": "benign" },
    },
    {
      // Two questions to a name server that does not answer in the capture.
      file: "simplescan_backscatter.pcap",
      verdicts: { "192.150.186.15": "undecided", "192.150.186.10": "undecided" },
    },
    { file: "gen/nmap_sA.pcap", verdicts: {} },
    { file: "gen/nmap_sW.pcap", verdicts: {} },
    { file: "gen/nmap_sM.pcap", verdicts: {} },
    { file: "gen/nmap_sO.pcap", verdicts: {} },
    { file: "slips_icmp_portscan.pcap", verdicts: {} },
  ])("$file: $verdicts", async ({ file, verdicts }) => {
    expect(await verdictsIn(file)).toEqual(verdicts);
  });

  it.each<{ file: string; key: string; source: string }>([
    { file: "gen/nmap_sA.pcap", key: "SENSE_ACK", source: SCANNER },
    { file: "gen/nmap_sW.pcap", key: "SENSE_ACK", source: SCANNER },
    { file: "gen/nmap_sM.pcap", key: "SENSE_ACK", source: SCANNER },
    { file: "gen/nmap_sO.pcap", key: "SENSE_OTHER", source: SCANNER },
    { file: "slips_icmp_portscan.pcap", key: "SENSE_OTHER", source: "192.168.1.109" },
  ])("$file with $key: $source scans", async ({ file, key, source }) => {
    expect(await verdictsIn(file, { [key]: "1" })).toEqual({ [source]: "scan" });
  });
});
