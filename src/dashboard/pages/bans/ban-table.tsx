/** The bans in force: any number of them, with what can be done about each. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { BanView } from "../../../api/contract.ts";
import { unban } from "../../acts.ts";
import { isOver, type KnownBan, knownBan } from "../../countdown.ts";
import { formatAgo, formatFullTime } from "../../format.ts";
import { live, now } from "../../live.ts";
import { endedBans } from "../../live-state.ts";
import { Address } from "../../parts/address.tsx";
import { Countdown } from "../../parts/countdown.tsx";
import { BanEvidence } from "../../parts/evidence-badge.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Empty, Unanswered } from "../../parts/panel.tsx";
import { TrustDialog } from "../../parts/trust-dialog.tsx";
import { VirtualList } from "../../parts/virtual-list.tsx";
import { printable } from "../../printable.ts";
import { sourceLink } from "../../routes.ts";
import { useCell } from "../../use-cell.ts";
import { useChangeLock } from "../../use-change-lock.ts";
import { usePages } from "../../use-pages.ts";

const COLUMNS = ["Source", "Ends in", "Evidence", "By", "Reason", "Since", "Acts"];
const NO_QUERY = {};

const keyOf = ({ address }: KnownBan): string => address;
const keep = (ban: BanView): KnownBan => knownBan(ban, Date.now());

export function BanTable() {
  const state = useCell(live);
  const { bansTurn, count, status } = state;
  const told = useRef(count);
  const nowMs = useCell(now);
  const lock = useChangeLock();
  const bans = usePages({
    path: "/v1/bans",
    query: NO_QUERY,
    keyOf,
    cursorOf: keyOf,
    keep,
    turn: bansTurn,
  });
  const [trusting, setTrusting] = useState<string>();
  const { rows, drop } = bans;
  useEffect(() => drop((ban) => isOver(ban, nowMs)), [nowMs]);
  // The first page is asked for again; of a row far below it nobody else would tell.
  useEffect(() => {
    const ended = endedBans(state, told.current);
    told.current = count;
    drop(({ address, since }) => Date.parse(since) <= (ended.get(address) ?? 0));
  }, [count]);
  const end = (ban: KnownBan): void => void unban(ban);
  if (bans.problem !== undefined && rows.length === 0) {
    return <Unanswered problem={bans.problem} onAskNow={bans.askNow} />;
  }
  if (bans.isLoaded && rows.length === 0) {
    return <Empty>Nobody is banned. Whoever scans this machine will be here.</Empty>;
  }
  return (
    <>
      <VirtualList
        label="Bans in force"
        class="bans-list"
        columns={COLUMNS}
        rows={rows}
        total={bans.isWhole ? rows.length : status?.banned}
        keyOf={keyOf}
        onOpen={({ address }) => {
          location.hash = sourceLink(address);
        }}
        onKey={(key, ban) => {
          if (lock.disabled) return;
          if (key === "u") end(ban);
          if (key === "t") setTrusting(ban.address);
        }}
        onNearEnd={bans.more}
        cells={(ban) => [
          <Address address={ban.address} />,
          <Countdown ban={ban} />,
          <BanEvidence ban={ban} />,
          ban.origin,
          <span title={printable(ban.reason)}>
            {!ban.in_force && <span class="tag is-violet">not in the kernel</span>}{" "}
            {printable(ban.reason)}
          </span>,
          <time dateTime={ban.since} title={formatFullTime(ban.since)}>
            {formatAgo(Date.parse(ban.since), nowMs)}
          </time>,
          <>
            <button
              type="button"
              class="quiet"
              {...lock}
              aria-label={`Unban ${printable(ban.address)}`}
              onClick={() => end(ban)}
            >
              <Icon name="unban" />
              Unban
            </button>
            <button
              type="button"
              class="quiet"
              {...lock}
              aria-label={`Trust ${printable(ban.address)}`}
              onClick={() => setTrusting(ban.address)}
            >
              <Icon name="trust" />
              Trust
            </button>
          </>,
        ]}
      />
      {trusting !== undefined && (
        <TrustDialog address={trusting} isBanned onClose={() => setTrusting(undefined)} />
      )}
    </>
  );
}
