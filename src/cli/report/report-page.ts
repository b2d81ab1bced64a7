/**
 * A report as one page that needs nothing else: no script, no image, no request to anywhere.
 *
 * Its policy allows nothing but the one style, by its hash, so that even a text which were taken
 * for markup could load and run nothing.
 */

import { createHash } from "node:crypto";
import type { CampaignView } from "../../api/contract.ts";
import { counted } from "../../counted.ts";
import { formatAhead, formatLocalTime } from "../times.ts";
import { escapeMarkup } from "./markup.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { barsPlot, columnsPlot, formatCount } from "./plots.ts";
import { totalsSentence } from "./report-text.ts";
import { type Count, type Summary, uncountedSentence } from "./summary.ts";

export function formatPage(summary: Summary, timeZone: string | undefined): string {
  const at = (epochMs: number) => formatLocalTime(epochMs, timeZone);
  const { sinceEpochMs, nowEpochMs } = summary;
  const span = escapeMarkup(`${at(sinceEpochMs)} to ${at(nowEpochMs)}`);
  const hash = createHash("sha256").update(PAGE_STYLE).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Vedette, ${span}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header><h1>Vedette</h1><p class="span">${span}</p></header>
<main>
<p class="lead">${escapeMarkup(summary.sentence)}<br>${escapeMarkup(totalsSentence(summary))}</p>
${summary.isCut ? '<p class="note">There was more than could be read: the earliest is left out.</p>' : ""}
${summary.fault === null ? tiles(summary) : ""}
${health(summary)}
${overTime(summary, at)}
<div class="plots">
${counts("Ports", "campaigns that probed them", summary.ports)}
${counts("Sources", "probes", summary.topSources)}
${counts("Tools", "campaigns", summary.tools)}
${counts("Evidence", "campaigns", summary.evidence)}
${counts("What was done", "campaigns", summary.outcomes)}
</div>
${stories(summary, at)}
${bans(summary, at)}
</main>
<footer>Made by vedette report. Times are those of the machine. claimed: anybody could have sent it;
alive: the address answered; proven: it completed a handshake.</footer>
</body>
</html>
`;
}

function tiles({ probes, campaigns, scans, sources, bansMade, bansInForce }: Summary): string {
  const each: readonly (readonly [string, number])[] = [
    ["probes", probes],
    ["sources", sources],
    ["campaigns", campaigns],
    ["scans", scans],
    ["bans made", bansMade],
    ["banned now", bansInForce],
  ];
  const parts = each.map(
    ([name, count]) => `<li><b title="${count}">${formatCount(count)}</b>${name}</li>`,
  );
  return `<ul class="tiles">${parts.join("")}</ul>`;
}

function health({ health: problems }: Summary): string {
  if (problems.length === 0) return "";
  const parts = problems.map(
    ({ severity, text, action }) =>
      `<li><b>${escapeMarkup(severity)}</b> ${escapeMarkup(text)}<br>${escapeMarkup(action)}</li>`,
  );
  return `<section><h2>To know</h2><ul class="health">${parts.join("")}</ul></section>`;
}

function overTime(summary: Summary, at: (epochMs: number) => string): string {
  const { columns, columnMs } = summary;
  const hours = columnMs / 3_600_000;
  const unit = hours === 1 ? "an hour" : `in ${hours} hours`;
  const plot = columnsPlot(
    `Probes ${unit}`,
    columns.map(({ fromEpochMs, probes, bans: made, uncountedHours }) => ({
      value: probes,
      marked: made,
      label: at(fromEpochMs).slice(5),
      title:
        uncountedHours === hours
          ? `${at(fromEpochMs)}: nobody counted`
          : `${at(fromEpochMs)}: ${counted(probes, "probe")}, ${counted(made, "ban")}`,
    })),
  );
  const key = '<span class="key">dot: bans were made</span>';
  const missing = uncountedSentence(summary);
  const note = missing === undefined ? "" : `<p class="note">${escapeMarkup(missing)}</p>`;
  return `<section><h2>Probes ${unit} ${key}</h2>${plot}${note}</section>`;
}

function counts(title: string, unit: string, list: readonly Count[]): string {
  if (list.length === 0) return "";
  const heading = `<h2>${title} <span class="key">by ${unit}</span></h2>`;
  return `<section>${heading}${barsPlot(`${title} by ${unit}`, list)}</section>`;
}

function stories({ stories: told, campaigns }: Summary, at: (epochMs: number) => string): string {
  if (told.length === 0) return "";
  const rows = told.map((campaign) => storyRow(campaign, at)).join("\n");
  const more =
    campaigns > told.length
      ? `<p class="note">${told.length} of ${campaigns}; all: vedette campaigns</p>`
      : "";
  return `<section><h2>Campaigns <span class="key">scans first</span></h2><div class="wide"><table>
<thead><tr><th>Last</th><th>Address</th><th class="n">Probes</th><th class="n">Ports</th><th>Tool</th><th>Evidence</th><th>Verdict</th><th>Outcome</th><th>Story</th></tr></thead>
<tbody>${rows}</tbody></table></div>${more}</section>`;
}

function storyRow(campaign: CampaignView, at: (epochMs: number) => string): string {
  const { last, address, packets, port_count: ports, ports_cut: isCut, tool } = campaign;
  const { evidence, verdict, outcome, story } = campaign;
  const cells = [
    `<td class="t">${at(Date.parse(last))}</td>`,
    `<td class="a">${escapeMarkup(address)}</td>`,
    `<td class="n">${packets}</td>`,
    `<td class="n">${ports}${isCut ? "+" : ""}</td>`,
    `<td>${escapeMarkup(tool ?? "-")}</td>`,
    `<td>${escapeMarkup(evidence)}</td>`,
    `<td class="${verdict === "scan" ? "scan" : "other"}">${escapeMarkup(verdict)}</td>`,
    `<td>${escapeMarkup(outcome)}</td>`,
    `<td class="s">${escapeMarkup(story)}</td>`,
  ];
  return `<tr>${cells.join("")}</tr>`;
}

function bans({ bans: standing, bansInForce }: Summary, at: (epochMs: number) => string): string {
  if (standing.length === 0) return "";
  const rows = standing.map(({ address, since, remaining_seconds: left, evidence, reason }) => {
    const ends = left === null ? "never" : formatAhead(left);
    const cells = [at(Date.parse(since)), ends, evidence].map(
      (cell) => `<td class="t">${escapeMarkup(cell)}</td>`,
    );
    return `<tr><td class="a">${escapeMarkup(address)}</td>${cells.join("")}<td class="s">${escapeMarkup(reason)}</td></tr>`;
  });
  const more =
    bansInForce > standing.length
      ? `<p class="note">${standing.length} of ${bansInForce}; all: vedette bans</p>`
      : "";
  return `<section><h2>Banned when this was made</h2><div class="wide"><table>
<thead><tr><th>Address</th><th>Since</th><th>Ends</th><th>Evidence</th><th>Reason</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>${more}</section>`;
}
