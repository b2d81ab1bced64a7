/**
 * The shape of every request and reply of the API, and so of every `--json`.
 *
 * HTTP and JSON on the guard's Unix socket, and on a loopback address where API_LISTEN names one. Times are RFC 3339 in UTC, durations are seconds,
 * numbers are counts. Fields are only ever added; a reader ignores those that it does not know. A
 * schema that is exported has its own place in docs/openapi.json: `banViewSchema` is BanView there.
 */
import { z } from "zod";

const time = z.iso.datetime();

/** Where an address belongs by the files of GEO_DB; absent where none is in use. */
const placedShape = {
  /** ISO 3166-1, two capital letters; null: no file knows. */
  country: z.string().nullable().optional(),
  /** Number of the autonomous system; null: no file knows. */
  asn: z.number().nullable().optional(),
};

/** GET /v1/bans -> BanView[]; the newest first. */
export const banViewSchema = z.object({
  /**
   * The address, or the prefix where it is wider than one address: "192.0.2.7", "2001:db8::/64".
   */
  address: z.string(),
  since: time,
  /** null: for good. */
  until: time.nullable(),
  /** Whole seconds that are left; null: for good. */
  remaining_seconds: z.number().nullable(),
  evidence: z.enum(["claimed", "alive", "proven"]),
  /**
   * What that means, in words: "claimed: anybody could have sent it". Empty for a ban by command.
   */
  evidence_text: z.string(),
  /** The likelihood ratio of a scanner; null where no rule has one. */
  score: z.number().nullable(),
  origin: z.enum(["detector", "operator", "unknown"]),
  reason: z.string(),
  rule: z.string().nullable(),
  campaign: z.string().nullable(),
  config_revision: z.string(),
  /** By what it is shut out, in the order in which it was done. */
  means: z.array(z.enum(["nftables", "hosts-deny", "route", "command"])),
  /**
   * False: the kernel does not have it, because its table is gone; the next guard brings it back.
   */
  in_force: z.boolean(),
  ...placedShape,
});

export const healthViewSchema = z.object({
  code: z.string(),
  severity: z.enum(["notice", "warning", "error"]),
  text: z.string(),
  action: z.string(),
  since: time,
});

/** GET /v1/status -> StatusView. */
export const statusViewSchema = z.object({
  version: z.string(),
  /** `absent`: no guard runs; the numbers come from the kernel and the journal. */
  state: z.enum(["starting", "guarding", "watching", "stopping", "absent"]),
  /** The same in one sentence, for people. */
  sentence: z.string(),
  mode: z.object({ tcp: z.string(), udp: z.string() }),
  /** When this guard process started; null without one. */
  since: time.nullable(),
  probes: z.number(),
  /** Scans that the detector has told since the start, whatever followed from them. */
  verdicts: z.number(),
  /** Scans under way: sources of more than a stray packet, not yet quiet (CAMPAIGN_QUIET). */
  campaigns: z.number(),
  /** Probes that the kernel made and the guard never got. */
  lost: z.number(),
  /** Probes beyond the log limit; the kernel held and dropped them all the same. */
  unlogged: z.number(),
  malformed: z.number(),
  /** Sources held now. */
  held: z.number(),
  /** Holds begun since the table was built. */
  holds: z.number(),
  /** Bans in force now. */
  banned: z.number(),
  /** Sources in the detector's memory. */
  tracked: z.number(),
  /** Entries of the trusted set. */
  trusted: z.number(),
  /** Packets of trusted sources that would have been caught. */
  trusted_saves: z.number(),
  /** Packets of banned and held sources that were dropped. */
  dropped: z.number(),
  /** Probes that found a kernel set full. */
  full: z.number(),
  /** Questions to sources of TCP probes; null where nobody is asked. */
  challenges: z
    .object({
      sent: z.number(),
      /** Not sent, because that would have been too many. */
      capped: z.number(),
      /** Not sent, because the machine did not take them. */
      unsent: z.number(),
      /** Resets that prove their source alive. */
      answered: z.number(),
      /** Resets with another number than the one that was asked with. */
      wrong: z.number(),
    })
    .nullable(),
  /** Ports that look open and are not; null where none does. */
  phantom: z
    .object({
      sent: z.number(),
      /** Not sent, because that would have been too many. */
      capped: z.number(),
      /** Not sent, because the machine did not take them. */
      unsent: z.number(),
      /** Handshakes that prove their source. */
      completed: z.number(),
    })
    .nullable(),
  /** What BLOCKLIST_FILES names; null where nothing is loaded. */
  blocklists: z
    .object({
      /** Files that are in force. */
      files: z.number(),
      /** Their lines that name somebody. */
      entries: z.number(),
      /** Packets that were dropped because of them. */
      dropped: z.number(),
    })
    .nullable(),
  journal_failures: z.number(),
  /** How to look at the table; empty where there is none. */
  table: z.string(),
  config_revision: z.string(),
  /** When what was started or applied last is taken back unless confirmed. */
  confirm_by: time.nullable(),
  health: z.array(healthViewSchema),
});

/** GET /v1/trusted -> TrustedView[]. */
export const trustedViewSchema = z.object({ address: z.string(), why: z.string() });

/** GET /v1/blocklisted -> BlocklistedView[]; in the order of files and lines, at most 100. */
export const blocklistedViewSchema = z.object({
  /** The part of the entry that is in force: an address or a prefix. */
  address: z.string(),
  file: z.string(),
  line: z.number(),
});

const evidence = z.enum(["claimed", "alive", "proven"]);

/** One scan, first probe to last. */
export const campaignViewSchema = z.object({
  id: z.string(),
  /** As in {@link banViewSchema}. */
  address: z.string(),
  first: time,
  last: time,
  /** False while it goes on. */
  over: z.boolean(),
  /** The whole of it in one line, for people. */
  story: z.string(),
  /** Probes, repeats included. */
  packets: z.number(),
  /** Ranges of ports, both ends included; types of ICMP, or protocols. */
  ports: z.array(
    z.object({
      transport: z.enum(["tcp", "udp", "icmp", "ip"]),
      ranges: z.array(z.tuple([z.number(), z.number()])),
    }),
  ),
  /** Distinct ports. */
  port_count: z.number(),
  /** There may be more ports than are counted or listed. */
  ports_cut: z.boolean(),
  kinds: z.array(z.string()),
  /** null: it is not known. */
  tool: z.string().nullable(),
  evidence,
  evidence_text: z.string(),
  /** Addresses of ours that were probed. */
  destinations: z.number(),
  verdict: z.enum(["scan", "undecided", "benign"]),
  /** The likelihood ratio of a scanner; null where no rule has one. */
  score: z.number().nullable(),
  /** Why it was convicted; null: it was not. */
  reason: z.string().nullable(),
  /** Whether the kernel held the source. */
  held: z.boolean(),
  /** What was done about it last. */
  outcome: z.enum(["none", "banned", "unbanned", "spared", "failed"]),
  /** Until when it is banned; null: for good, or not banned. */
  until: time.nullable(),
  /** Why it was spared or could not be banned; null otherwise. */
  outcome_text: z.string().nullable(),
  /** Other addresses of the same sender; null: none is known. */
  sender: z
    .object({
      sources: z.number(),
      /** Those that are more than a claim. */
      real: z.array(z.string()),
      /** Those that never answered. */
      silent: z.array(z.string()),
    })
    .nullable(),
  ...placedShape,
});

/** GET /v1/campaigns -> ListedCampaignView[]; the latest probe first. */
export const listedCampaignViewSchema = campaignViewSchema.extend({
  /**
   * Its place in the list as it was; that of the last of a page is the next page's `after`, also when
   * that campaign has been probed again meanwhile.
   */
  cursor: z.string(),
});

/** How a verdict was reached, step by step. */
export const scoreViewSchema = z.object({
  /** The likelihood ratio of a scanner after the last step. */
  value: z.number(),
  /** The same, made again from the steps. */
  recomputed: z.number(),
  /** From here on a source is convicted. */
  convicts_at: z.number(),
  /** How long until what was seen is worth half. */
  half_life_seconds: z.number(),
  /** First contacts in their order. */
  steps: z.array(
    z.object({
      transport: z.enum(["tcp", "udp", "icmp", "ip"]),
      port: z.number(),
      at: time,
      /** What the score was multiplied by. */
      factor: z.number(),
      /** What it came to. */
      score: z.number(),
    }),
  ),
});

/** GET /v1/history -> EventView[]; the newest first. What happened, and to whom. */
export const eventViewSchema = z.object({
  /** Rises; that of the last of a page is the next page's `after`. */
  id: z.number(),
  at: time,
  /** "verdict", "evidence", "ban", "unban", "spared", "health", …; more may come. */
  kind: z.string(),
  address: z.string().nullable(),
  campaign: z.string().nullable(),
  /** In words. */
  text: z.string(),
  /** Of a verdict whose rule has one. */
  score: scoreViewSchema.nullable(),
});

/** How sure it is who sent the latest campaign, and by what. */
export const evidenceViewSchema = z.object({
  level: evidence,
  /** What that means, and what would raise it, in words. */
  text: z.string(),
  /** Of which campaign. */
  campaign: z.string(),
  /**
   * By what it was reached, the earliest first: events of kind "evidence" in the history. Empty for a
   * mere claim, and where they were left out in a flood or are forgotten.
   */
  steps: z.array(
    z.object({
      at: time,
      /**
       * `answer`: it answered our challenge; `handshake`: it completed one on a port that looks open;
       * `connection`: it connected to a listener of ours; `earlier`: before this campaign.
       */
      way: z.enum(["answer", "handshake", "connection", "earlier"]),
      /** What it came to. */
      level: z.enum(["alive", "proven"]),
      /** The TCP port of ours; null for `earlier`. */
      port: z.number().nullable(),
      /** In words. */
      text: z.string(),
    }),
  ),
});

/** GET /v1/timeline -> HourView[]; the earliest first. What was counted hour by hour, over restarts. */
export const hourViewSchema = z.object({
  /** When the hour begins; whole hours of UTC. An hour in which no guard ran has no entry. */
  at: time,
  /** Probes that the guard got, single stray packets included. */
  probes: z.number(),
  /** Scans that were told, whatever followed. */
  verdicts: z.number(),
  /** Bans that were made, by verdicts and by command. */
  bans: z.number(),
});

/** GET /v1/why?address=A -> WhyView: the story of one address, prefix or source. */
export const whyViewSchema = z.object({
  /** Whom it is about: the source that the address belongs to. */
  address: z.string(),
  /** The answer in one or two sentences. */
  summary: z.string(),
  ...placedShape,
  /**
   * Bans in force that cover all of it, and then, of a prefix, the latest on parts of it: 20 of these
   * at the most.
   */
  bans: z.array(
    banViewSchema.extend({
      /** It is on a part of `address`: the rest is not shut out by it. */
      inside: z.boolean(),
    }),
  ),
  /** When the first probe came of all its campaigns that are kept; null: none is. */
  first_seen: time.nullable(),
  /** Why all of it is trusted; null: it is not, or a part of it at the most. */
  trusted: z.string().nullable(),
  /** Entries of blocklists that hold all of it; null: not known, as without a guard. */
  blocklists: z.array(blocklistedViewSchema).nullable(),
  /** What counts against it now; null when nothing does. */
  score: scoreViewSchema.nullable(),
  /** The latest probe first. */
  campaigns: z.array(campaignViewSchema),
  /** Of the latest campaign; null: there is none. */
  evidence: evidenceViewSchema.nullable(),
  /** The newest first. */
  history: z.array(eventViewSchema),
  /** There is more of it in the journal than `bans`, `campaigns` and `history` have. */
  more: z.boolean(),
  /** What would have kept it from being held or banned. */
  prevention: z.object({
    /** This line of the ignore file. */
    ignore_line: z.string(),
    /** The ignore file in force; null: there is none. */
    ignore_file: z.string().nullable(),
    /** The command that does it now. */
    command: z.string(),
  }),
});

/** POST /v1/bans. */
export const banRequestSchema = z.strictObject({
  address: z.string().max(100, "at most 100 characters"),
  /** Seconds; left out: for good. 1 to 315 360 000. */
  for_seconds: z.number().int().min(1).max(315_360_000).optional(),
  reason: z.string().max(200, "at most 200 characters").optional(),
});

/** POST /v1/trusted. */
export const trustRequestSchema = z.strictObject({
  address: z.string().max(100, "at most 100 characters"),
  for_seconds: z.number().int().min(1).max(315_360_000).optional(),
});

/** POST /v1/apply: tries out what `vedette apply` has left in the state directory. */
export const applyRequestSchema = z.strictObject({
  /** Seconds until the former configuration comes back unless confirmed. 1 to 86 400. */
  confirm_seconds: z.number().int().min(1).max(86_400),
});

/** Answer to every change. */
export const outcomeViewSchema = z.object({
  address: z.string(),
  status: z.enum(["applied", "already-applied", "refused", "failed"]),
  reason: z.string().optional(),
  /** What else the caller should know: files that could not be read, for one. */
  note: z.string().optional(),
});

/** Addresses that an answer to `DELETE /v1/bans?all=1` names, and its entry in the history. */
export const MOST_UNBANNED_NAMED = 20;

/** Answer to `DELETE /v1/bans?all=1`. */
export const unbannedViewSchema = z.object({
  /** How many bans were ended. */
  unbanned: z.number(),
  /** Whose, 20 at the most. */
  addresses: z.array(z.string()),
});

/** POST /v1/reload and /v1/apply -> ReloadView. */
export const reloadViewSchema = z.object({
  /**
   * `reloaded`: what differs is in force. `unchanged`: nothing differs. `invalid`: the
   * configuration has faults; `failed`: the machine did not go along; with both nothing was
   * changed.
   */
  status: z.enum(["reloaded", "unchanged", "invalid", "failed"]),
  /** Of the configuration that is in force afterwards. */
  config_revision: z.string(),
  /** Keys whose text differs from what was in force. */
  changed: z.array(z.string()),
  /** Why nothing was changed, each with its place. */
  faults: z.array(z.string()),
  /** What is in force otherwise than it looks. */
  warnings: z.array(z.string()),
  /** `replaced`: another guard process goes on; it shows config_revision once it is there. */
  guard: z.enum(["kept", "replaced"]),
  /**
   * What is remembered of sources that are not convicted; `saved`: the most convincing alone. Bans
   * stand in any case.
   */
  memory: z.enum(["kept", "saved", "anew"]),
});

/** GET /v1/activity -> ActivityView: what was probed of late. Of this guard process alone. */
export const activityViewSchema = z.object({
  /** The last hour, the earliest minute first; the last one goes on. */
  minutes: z.array(
    z.object({ at: time, probes: z.number(), verdicts: z.number(), bans: z.number() }),
  ),
  /** Since when probes of ports are counted here: 5 to 10 minutes ago, less after a start. */
  ports_since: time,
  /** The ports that were probed most, the busiest first; 32 at the most. */
  ports: z.array(
    z.object({ transport: z.enum(["tcp", "udp"]), port: z.number(), probes: z.number() }),
  ),
  /** Probes of all ports of both transports, in order: narrow bands below 1024, wide ones above. */
  heat: z.array(z.object({ first: z.number(), last: z.number(), probes: z.number() })),
  /**
   * The same bands in each minute of the last hour: `counts[minute][band]` are the probes of both
   * transports. The row of a minute in which no port was probed is empty.
   */
  grid: z.object({
    /** When each begins, as in `minutes` above. */
    minutes: z.array(time),
    /** As in `heat`. */
    bands: z.array(z.object({ first: z.number(), last: z.number() })),
    counts: z.array(z.array(z.number())),
  }),
  /** By what the scans of the last hour were made; null: it is not known. The busiest first. */
  tools: z.array(z.object({ tool: z.string().nullable(), verdicts: z.number() })),
});

/** Campaigns of some sources, added up. */
const tallySchema = z.object({
  /** Distinct ones. */
  sources: z.number(),
  campaigns: z.number(),
  /** Repeats included. */
  probes: z.number(),
  /** Campaigns that are scans. */
  scans: z.number(),
  /** Bans in force now of whoever is in it, or of all of it. */
  banned: z.number(),
  /** Of the last probe. */
  last: time,
});

/** A block of addresses in GET /v1/sources. */
const networkViewSchema = z.object({
  /** "198.51.100.0/24", "2001:db8::/48". */
  address: z.string(),
  ...tallySchema.shape,
  ...placedShape,
});

/** What is told of a country or a system in GET /v1/sources. */
const countryViewSchema = z.object({
  /** ISO 3166-1, two capital letters; null: of those of whom no file knows. */
  country: z.string().nullable(),
  name: z.string().nullable(),
  ...tallySchema.shape,
});
const systemViewSchema = z.object({
  /** Number of the autonomous system; null: of those of whom no file knows. */
  asn: z.number().nullable(),
  name: z.string().nullable(),
  ...tallySchema.shape,
});

/**
 * GET /v1/sources -> SourcesView: campaigns of a span, added up. A campaign counts whole, in the span
 * of its last probe. Made anew after 10 s at the earliest, and later when it takes long.
 */
export const sourcesViewSchema = z.object({
  /** The beginning of the span: what was asked for, or somewhat earlier. */
  since: time,
  /** When it was counted. */
  at: time,
  /** Distinct sources. */
  sources: z.number(),
  campaigns: z.number(),
  /** Repeats included. */
  probes: z.number(),
  /** Campaigns by verdict, by evidence and by what was done last. */
  verdicts: z.object({ scan: z.number(), undecided: z.number(), benign: z.number() }),
  evidence: z.object({ claimed: z.number(), alive: z.number(), proven: z.number() }),
  outcomes: z.object({
    none: z.number(),
    banned: z.number(),
    unbanned: z.number(),
    spared: z.number(),
    failed: z.number(),
  }),
  /** The busiest first; null: it is not known. */
  tools: z.array(z.object({ tool: z.string().nullable(), campaigns: z.number() })),
  /** IPv4 by /24 and IPv6 by /48, the most probes first; `limit` at the most. */
  networks: z.array(networkViewSchema),
  /** The same by /16 and /32. */
  blocks: z.array(networkViewSchema),
  /** The most probes first, `limit` at the most; null: no file of GEO_DB has countries. */
  countries: z.array(countryViewSchema).nullable(),
  /** The same by autonomous system. */
  asns: z.array(systemViewSchema).nullable(),
  /** The files of GEO_DB that are in use: their own word for what they are, and of when they are. */
  databases: z.array(z.object({ type: z.string(), built: time })),
});

/** What came in the second before, a second. */
const ratesSchema = z.object({
  probes_per_second: z.number(),
  verdicts_per_second: z.number(),
  holds_per_second: z.number(),
  dropped_per_second: z.number(),
});

/** GET /v1/events: the data of each event; its `kind` is the name of the event, too. */
export const liveEventSchema = z.discriminatedUnion("kind", [
  z.object({
    /** Once a second. */
    kind: z.literal("status"),
    at: time,
    status: statusViewSchema,
    /** null for the first. */
    rates: ratesSchema.nullable(),
  }),
  z.object({
    /** A campaign began, was convicted, has grown (told at long intervals) or is over. */
    kind: z.literal("campaign"),
    at: time,
    change: z.enum(["opened", "convicted", "updated", "closed"]),
    campaign: campaignViewSchema,
  }),
  z.object({
    /** Something happened: what GET /v1/history lists. The journal gives its number later. */
    kind: z.literal("event"),
    event: eventViewSchema.omit({ id: true }),
  }),
  z.object({
    /** The client has read too slowly, or more happened in a second than is told. */
    kind: z.literal("lagged"),
    /** Events that are missing here. */
    dropped: z.number(),
  }),
]);

/** GET, POST and DELETE /v1/session. */
export const sessionViewSchema = z.object({
  /** Seconds until the cookie is worth nothing; 0: it is already; null: a token was shown. */
  expires_in_seconds: z.number().nullable(),
  /** False: it reads alone, and every change is answered 403. */
  may_change: z.boolean(),
});

/** Every reply that is not 2xx. */
export const faultViewSchema = z.object({ error: z.string(), message: z.string() });

export type BanView = z.output<typeof banViewSchema>;
export type HealthView = z.output<typeof healthViewSchema>;
export type StatusView = z.output<typeof statusViewSchema>;
export type TrustedView = z.output<typeof trustedViewSchema>;
export type CampaignView = z.output<typeof campaignViewSchema>;
export type ListedCampaignView = z.output<typeof listedCampaignViewSchema>;
export type EventView = z.output<typeof eventViewSchema>;
export type HourView = z.output<typeof hourViewSchema>;
export type EvidenceView = z.output<typeof evidenceViewSchema>;
export type ScoreView = z.output<typeof scoreViewSchema>;
export type WhyView = z.output<typeof whyViewSchema>;
export type BlocklistedView = z.output<typeof blocklistedViewSchema>;
export type BanRequest = z.output<typeof banRequestSchema>;
export type TrustRequest = z.output<typeof trustRequestSchema>;
export type ApplyRequest = z.output<typeof applyRequestSchema>;
export type OutcomeView = z.output<typeof outcomeViewSchema>;
export type UnbannedView = z.output<typeof unbannedViewSchema>;
export type SessionView = z.output<typeof sessionViewSchema>;
export type ReloadView = z.output<typeof reloadViewSchema>;
export type ActivityView = z.output<typeof activityViewSchema>;
export type SourcesView = z.output<typeof sourcesViewSchema>;
export type LiveEvent = z.output<typeof liveEventSchema>;
export type FaultView = z.output<typeof faultViewSchema>;

/**
 * The API's paths.
 *
 *   GET    /v1/status              StatusView
 *   GET    /v1/bans                BanView[]        ?limit=1..10000 (default 1000) &after=ADDRESS
 *   POST   /v1/bans                BanRequest   ->  OutcomeView
 *   DELETE /v1/bans?address=A      OutcomeView      one address or prefix
 *   DELETE /v1/bans?all=1          UnbannedView     every ban
 *   GET    /v1/campaigns           ListedCampaignView[]   ?limit &after=CURSOR &address &since &verdict &tool
 *                                                   &evidence &outcome &text
 *   GET    /v1/history             EventView[]      ?limit &after=ID &address &since &kind
 *   GET    /v1/timeline            HourView[]       ?limit &since
 *   GET    /v1/why?address=A       WhyView          one address or prefix
 *   GET    /v1/trusted             TrustedView[]
 *   POST   /v1/trusted             TrustRequest ->  OutcomeView
 *   GET    /v1/blocklisted         BlocklistedView[]  ?address=A, one address
 *   POST   /v1/confirm             OutcomeView
 *   POST   /v1/reload              ReloadView
 *   POST   /v1/apply               ApplyRequest ->  ReloadView
 *   GET    /v1/activity            ActivityView
 *   GET    /v1/sources             SourcesView      ?limit=1..1000 (default 50) &since
 *   GET    /v1/events              LiveEvent, again and again, as server-sent events
 *   GET    /metrics                text, for Prometheus
 *   GET    /bans.txt               plain text       ?evidence=alive &family=4, both may be left out
 *   GET    /v1/session             SessionView      over TCP alone
 *   POST   /v1/session             SessionView      with a cookie; over TCP alone
 *   DELETE /v1/session             SessionView
 *   GET    /v1/openapi.json        all of this for programs
 */
export const API_PATHS = {
  status: "/v1/status",
  bans: "/v1/bans",
  campaigns: "/v1/campaigns",
  history: "/v1/history",
  timeline: "/v1/timeline",
  why: "/v1/why",
  trusted: "/v1/trusted",
  blocklisted: "/v1/blocklisted",
  confirm: "/v1/confirm",
  reload: "/v1/reload",
  apply: "/v1/apply",
  activity: "/v1/activity",
  sources: "/v1/sources",
  events: "/v1/events",
  metrics: "/metrics",
  session: "/v1/session",
  openApi: "/v1/openapi.json",
  banList: "/bans.txt",
} as const;
