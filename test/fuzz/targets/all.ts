/** Every target, in the order in which they are fuzzed. */
import type { FuzzTarget } from "../target.ts";
import { brokerTarget } from "./broker.ts";

export const FUZZ_TARGETS: readonly FuzzTarget[] = [brokerTarget];
