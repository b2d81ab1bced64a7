/** Where the programs under test lie, independent of the folder in which the tests are started. */
import { join } from "node:path";

/** The package's own folder. */
export const PROJECT = join(import.meta.dirname, "../..");

/** The Node that the package brings; the machine's own may be too old for its sources. */
export const NODE = join(PROJECT, "node_modules/.bin/node");

/** The command under test. */
export const VEDETTE = join(PROJECT, "bin/vedette");

/** PortSentry's name for it. */
export const PORTSENTRY = join(PROJECT, "bin/portsentry");
