/** Every mode of PortSentry, and BLOCK_* 0, 1 and 2 of both dialects; the long tests play all pairs. */
import { describeModes } from "../support/mode-matrix.ts";

describeModes([
  { tcp: "tcp", block: "1" },
  { tcp: "stcp", block: "2" },
  { tcp: "atcp", block: "0" },
  { tcp: "connect", block: "0" },
  { tcp: "connect", block: "2" },
  { tcp: "stealth", block: "1" },
]);
