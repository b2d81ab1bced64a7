/** Who is never held or banned, and why. */
import type { TrustedView } from "../../../api/contract.ts";
import { live } from "../../live.ts";
import { Address } from "../../parts/address.tsx";
import { Empty } from "../../parts/panel.tsx";
import { VirtualList } from "../../parts/virtual-list.tsx";
import { printable } from "../../printable.ts";
import { sourceLink } from "../../routes.ts";
import { useAnswer } from "../../use-answer.ts";
import { useCell } from "../../use-cell.ts";

const COLUMNS = ["Address or prefix", "Why", "Take it back, as root"];

export function TrustedTable() {
  const { bansTurn } = useCell(live);
  const { answer, problem } = useAnswer<TrustedView[]>("/v1/trusted", 15_000, bansTurn);
  if (answer === undefined) return <Empty>{problem ?? ""}</Empty>;
  return (
    <VirtualList
      label="Who is trusted"
      class="trusted-list"
      columns={COLUMNS}
      rows={answer}
      total={answer.length}
      keyOf={({ address, why }) => `${address} ${why}`}
      onOpen={({ address }) => {
        location.hash = sourceLink(address);
      }}
      onNearEnd={() => {}}
      cells={({ address, why }) => [
        <Address address={address} />,
        printable(why),
        why.startsWith("trusted by hand") ? <code>vedette untrust {address}</code> : "",
      ]}
    />
  );
}
