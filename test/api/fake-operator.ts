/** An Operator in memory: bans what is not trusted, newest first, and remembers what it was asked. */
import type {
  ApplyRequest,
  BanRequest,
  BanView,
  BlocklistedView,
  CampaignView,
  EventView,
  HourView,
  OutcomeView,
  ReloadView,
  StatusView,
  TrustedView,
  TrustRequest,
  UnbannedView,
  WhyView,
} from "../../src/api/contract.ts";
import type {
  BanList,
  BanListRequest,
  ServedOperator,
  StoryReader,
} from "../../src/api/operator.ts";
import { OperationalError } from "../../src/errors.ts";

export const STATUS: StatusView = {
  version: "0.1.0",
  state: "guarding",
  sentence: "Guarding TCP and UDP: 1 source is banned.",
  mode: { tcp: "atcp", udp: "audp" },
  since: "2026-11-22T12:00:00.000Z",
  probes: 1234,
  verdicts: 7,
  campaigns: 2,
  lost: 0,
  unlogged: 5,
  malformed: 1,
  held: 2,
  holds: 17,
  banned: 1,
  tracked: 40,
  trusted: 3,
  trusted_saves: 6,
  dropped: 99_000,
  full: 0,
  challenges: { sent: 120, capped: 40, unsent: 1, answered: 90, wrong: 2 },
  phantom: { sent: 300, capped: 50, unsent: 3, completed: 7 },
  blocklists: null,
  journal_failures: 0,
  table: "nft list table inet vedette",
  config_revision: "0123456789ab",
  confirm_by: null,
  health: [],
};

export const BAN: BanView = {
  address: "192.0.2.7",
  since: "2026-11-22T13:03:00.000Z",
  until: "2026-11-22T14:03:00.000Z",
  remaining_seconds: 3599,
  evidence: "proven",
  evidence_text: "proven: it completed a handshake",
  score: 256,
  origin: "detector",
  reason: "3 unused ports within 2 s: tcp 22, 23, 25",
  rule: "trigger",
  campaign: "c1",
  config_revision: "0123456789ab",
  means: ["nftables"],
  in_force: true,
};

export const RELOADED: ReloadView = {
  status: "reloaded",
  config_revision: "0123456789ab",
  changed: ["SCAN_TRIGGER", "TRAP_PORTS"],
  faults: [],
  warnings: [],
  guard: "kept",
  memory: "kept",
};

export const CAMPAIGN: CampaignView = {
  id: "c1",
  address: "192.0.2.7",
  first: "2026-11-22T13:02:58.000Z",
  last: "2026-11-22T13:03:00.000Z",
  over: true,
  story: "192.0.2.7 scanned 3 ports within 2 s (SYN; proven): tcp 22-23, 25; 4 packets; banned",
  packets: 4,
  ports: [
    {
      transport: "tcp",
      ranges: [
        [22, 23],
        [25, 25],
      ],
    },
  ],
  port_count: 3,
  ports_cut: false,
  kinds: ["tcp-syn"],
  tool: "nmap",
  evidence: "proven",
  evidence_text: "proven: it completed a handshake",
  destinations: 1,
  verdict: "scan",
  score: 256,
  reason: "3 unused ports within 2 s: tcp 22, 23, 25",
  held: true,
  outcome: "banned",
  until: "2026-11-22T14:03:00.000Z",
  outcome_text: null,
  sender: null,
};

export const VERDICT: EventView = {
  id: 7,
  at: "2026-11-22T13:03:00.000Z",
  kind: "verdict",
  address: "192.0.2.7",
  campaign: "c1",
  text: "convicted (SYN, by nmap; proven): 2 unused ports within 2 s: tcp 22, 25",
  score: {
    value: 128,
    recomputed: 128,
    convicts_at: 99,
    half_life_seconds: 21_600,
    steps: [
      { transport: "tcp", port: 22, at: "2026-11-22T13:02:58.000Z", factor: 8, score: 8 },
      { transport: "tcp", port: 25, at: "2026-11-22T13:03:00.000Z", factor: 16, score: 128 },
    ],
  },
};

export const HOUR: HourView = {
  at: "2026-11-22T13:00:00.000Z",
  probes: 4,
  verdicts: 1,
  bans: 1,
};

export const WHY: WhyView = {
  address: "192.0.2.7",
  summary: "192.0.2.7 is banned for another 59 min (proven: it completed a handshake).",
  bans: [{ ...BAN, inside: false }],
  first_seen: "2026-11-21T08:00:00.000Z",
  trusted: null,
  blocklists: [],
  score: null,
  campaigns: [CAMPAIGN],
  evidence: {
    level: "proven",
    text: "proven: it completed a handshake.",
    campaign: "c1",
    steps: [
      {
        at: "2026-11-22T13:02:59.000Z",
        way: "handshake",
        level: "proven",
        port: 25,
        text: "completed a handshake on tcp 25, which only looks open: proven",
      },
    ],
  },
  history: [VERDICT],
  more: false,
  prevention: {
    ignore_line: "192.0.2.7",
    ignore_file: "/etc/vedette/vedette.ignore",
    command: "vedette trust 192.0.2.7",
  },
};

export class FakeOperator implements ServedOperator {
  statusView: StatusView = STATUS;
  banViews: BanView[] = [BAN];
  trustedViews: TrustedView[] = [{ address: "198.51.100.1", why: "default gateway" }];
  isConfirmed = false;
  reloadView: ReloadView = RELOADED;
  whyView: WhyView = WHY;
  readonly stories: StoryReader = {
    timeline: async (query) => {
      this.requests.push(query);
      return [HOUR];
    },
    campaigns: async (query) => {
      this.requests.push(query);
      return [{ ...CAMPAIGN, cursor: "1795438980000.5" }];
    },
    history: async (query) => {
      this.requests.push(query);
      return [VERDICT];
    },
    why: async (address) => {
      this.requests.push(address);
      return this.whyView;
    },
  };
  /** Thrown by the next question, whichever it is. */
  failure: Error | undefined;
  readonly requests: unknown[] = [];

  async status(): Promise<StatusView> {
    this.#fail();
    return this.statusView;
  }

  async bans(limit: number, after: string | undefined): Promise<BanView[]> {
    this.#fail();
    this.requests.push({ limit, after });
    const start = this.banViews.findIndex((ban) => ban.address === after) + 1;
    return this.banViews.slice(start, start + limit);
  }

  async ban(request: BanRequest): Promise<OutcomeView> {
    this.#fail();
    this.requests.push(request);
    const { address } = request;
    if (!/^[\d.:a-f/]+$/.test(address)) {
      throw new OperationalError("ERR_USAGE", `"${address}" is not an address or prefix`);
    }
    const trusted = this.trustedViews.find((view) => view.address === address);
    if (trusted) return { address, status: "refused", reason: `it is trusted (${trusted.why})` };
    if (this.#isBanned(address)) return { address, status: "already-applied" };
    this.banViews.unshift({ ...BAN, address, until: null, remaining_seconds: null });
    return { address, status: "applied" };
  }

  async unban(address: string): Promise<OutcomeView> {
    this.#fail();
    if (!this.#isBanned(address)) return { address, status: "already-applied" };
    this.banViews = this.banViews.filter((ban) => ban.address !== address);
    return { address, status: "applied" };
  }

  async unbanAll(): Promise<UnbannedView> {
    this.#fail();
    const ended = this.banViews.splice(0);
    return { unbanned: ended.length, addresses: ended.map(({ address }) => address) };
  }

  async trusted(): Promise<TrustedView[]> {
    this.#fail();
    return this.trustedViews;
  }

  async trust(request: TrustRequest): Promise<OutcomeView> {
    this.#fail();
    this.requests.push(request);
    this.trustedViews.push({ address: request.address, why: "by command" });
    return { address: request.address, status: "applied" };
  }

  async banList(request: BanListRequest): Promise<BanList> {
    this.#fail();
    this.requests.push(request);
    const text = async function* () {
      yield "192.0.2.7\n198.51.100.0/24\n";
      yield "2001:db8::/64\n";
    };
    return { tag: `tag${request.evidence}`, text };
  }

  async blocklisted(address: string): Promise<BlocklistedView[]> {
    this.#fail();
    this.requests.push({ address });
    return [{ address, file: "/etc/vedette/list.netset", line: 7 }];
  }

  async confirm(): Promise<OutcomeView> {
    this.#fail();
    const status = this.isConfirmed ? "already-applied" : "applied";
    this.isConfirmed = true;
    return { address: "", status };
  }

  async reload(): Promise<ReloadView> {
    this.#fail();
    return this.reloadView;
  }

  async apply(request: ApplyRequest): Promise<ReloadView> {
    this.#fail();
    this.requests.push(request);
    return this.reloadView;
  }

  #isBanned(address: string): boolean {
    return this.banViews.some((ban) => ban.address === address);
  }

  #fail(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
  }
}
