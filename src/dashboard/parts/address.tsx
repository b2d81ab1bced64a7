/** An address that leads to its story. */
import { printable } from "../printable.ts";
import { sourceLink } from "../routes.ts";

export function Address({ address }: { readonly address: string }) {
  return (
    <a class="address" href={sourceLink(address)}>
      {printable(address)}
    </a>
  );
}
