/** Serves the API on an inherited listening socket, file descriptor 3, until its input ends. */
import { createApi, serveApi } from "../../src/api/server.ts";
import { FakeOperator } from "./fake-operator.ts";

const api = createApi(new FakeOperator(), {
  mayChange: () => false,
  onDefect: (error) => {
    throw error;
  },
});
await serveApi(api, { fd: 3 });
process.stdout.write("serving\n");
process.stdin.on("end", () => process.exit(0)).resume();
