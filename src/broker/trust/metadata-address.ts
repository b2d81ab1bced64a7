/**
 * The addresses under which a cloud tells a machine about itself.
 *
 * Without them a virtual machine loses its credentials and its time. They are link-local or
 * private, so trusting them where there is no cloud costs nothing.
 */
import { parsePrefix } from "../../net/prefix.ts";
import { readingOf, type TrustReading, type TrustSource } from "./trust-source.ts";

/** Link-local by common custom of the clouds, and Amazon's IPv6 one. */
const ADDRESSES = ["169.254.169.254", "fd00:ec2::254"];

export class MetadataAddress implements TrustSource {
  readonly name = "metadata address";
  readonly isVital = false;

  read(): TrustReading {
    return readingOf(
      ADDRESSES.flatMap((text) => {
        const prefix = parsePrefix(text);
        return prefix === undefined ? [] : [{ prefix, why: "cloud metadata service" }];
      }),
    );
  }
}
