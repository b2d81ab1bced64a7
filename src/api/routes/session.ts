/**
 * /v1/session: a browser shows the token once and gets a cookie for it, which it gives back when
 * its user leaves; and learns what it may do, so that it offers nothing that would be refused. Over
 * API_LISTEN alone: whoever has the Unix socket open needs neither.
 */
import { OperationalError } from "../../errors.ts";
import { API_PATHS, sessionViewSchema } from "../contract.ts";
import { type ApiParts, route } from "../route.ts";
import { SESSION_MS, type Sessions } from "../sessions.ts";

export const sessionRoutes = [
  route({
    method: "GET",
    path: API_PATHS.session,
    summary: "Says whether whoever asks may change things, and how long his session lasts.",
    reply: sessionViewSchema,
    answer: async (parts, { headers }) => {
      const sessions = requireSessions(parts);
      // Whoever shows a token is judged by it alone, as the door does.
      const session = headers.has("authorization") ? undefined : sessions.find(headers);
      if (session === undefined) {
        return { expires_in_seconds: null, may_change: sessions.opensForChanges(headers) };
      }
      return {
        expires_in_seconds: sessions.leftSeconds(session),
        may_change: session.mayChange,
      };
    },
  }),
  route({
    method: "POST",
    path: API_PATHS.session,
    summary: "Opens a session for a browser that shows a token: the reply sets a cookie.",
    reply: sessionViewSchema,
    answer: async (parts, { headers, reply }) => {
      reply.append("set-cookie", requireSessions(parts).open(headers));
      // The oldest session may have ended for it.
      parts.feed?.endUnlet();
      return {
        expires_in_seconds: SESSION_MS / 1000,
        may_change: requireSessions(parts).opensForChanges(headers),
      };
    },
  }),
  route({
    method: "DELETE",
    path: API_PATHS.session,
    summary: "Ends the session of whoever asks.",
    reply: sessionViewSchema,
    answer: async (parts, { headers, reply }) => {
      reply.append("set-cookie", requireSessions(parts).close(headers));
      parts.feed?.endUnlet();
      return { expires_in_seconds: 0, may_change: false };
    },
  }),
];

function requireSessions({ sessions }: ApiParts): Sessions {
  if (sessions !== undefined) return sessions;
  throw new OperationalError(
    "ERR_USAGE",
    "a session is for API_LISTEN; the Unix socket needs none",
  );
}
