/** Every mode of PortSentry 1.2 and 2.x with BLOCK_* 0, 1 and 2: all fifteen pairs. */
import { describeModes, MODES } from "../support/mode-matrix.ts";

const BLOCKS = ["0", "1", "2"] as const;

describeModes(MODES.flatMap(({ tcp }) => BLOCKS.map((block) => ({ tcp, block }))));
