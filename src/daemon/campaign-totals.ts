/** Adds up campaigns of a span: how many, of whom, on which evidence, by which tools. */
import type { SourcesView } from "../api/contract.ts";
import type { CountedCampaign } from "../journal/stories.ts";
import { TOOLS } from "../model/tool.ts";

type Totals = Pick<
  SourcesView,
  "sources" | "campaigns" | "probes" | "verdicts" | "evidence" | "outcomes" | "tools"
>;

export class CampaignTotals {
  #sources = 0;
  #campaigns = 0;
  #probes = 0;
  readonly #verdicts = { scan: 0, undecided: 0, benign: 0 };
  readonly #evidence = { claimed: 0, alive: 0, proven: 0 };
  readonly #outcomes = { none: 0, banned: 0, unbanned: 0, spared: 0, failed: 0 };
  /** By their place in {@link TOOLS}; behind them those that are not known. */
  readonly #tools = new Array<number>(TOOLS.length + 1).fill(0);

  /** @param isNewSource its source is another than that of the campaign before. */
  add(campaign: CountedCampaign, isNewSource: boolean): void {
    const { packets, verdict, evidence, outcome, tool } = campaign;
    this.#campaigns += 1;
    this.#probes += packets;
    if (isNewSource) this.#sources += 1;
    this.#verdicts[verdict] += 1;
    this.#evidence[evidence] += 1;
    this.#outcomes[outcome] += 1;
    const place = tool === undefined ? TOOLS.length : TOOLS.indexOf(tool);
    this.#tools[place] = (this.#tools[place] as number) + 1;
  }

  view(): Totals {
    return {
      sources: this.#sources,
      campaigns: this.#campaigns,
      probes: this.#probes,
      verdicts: { ...this.#verdicts },
      evidence: { ...this.#evidence },
      outcomes: { ...this.#outcomes },
      tools: this.#tools
        .map((campaigns, index) => ({ tool: TOOLS[index] ?? null, campaigns }))
        .filter(({ campaigns }) => campaigns > 0)
        .sort((one, other) => other.campaigns - one.campaigns),
    };
  }
}
