import type { ReceivedCall } from '../call.ts';

/** The page and its sign-in, which are no part of any cluster. Nothing of it is audited: a URL may have a code in it. */
export const page = ({ api, sent, request, connection, defaultCluster }: ReceivedCall): Response | Promise<Response> | undefined =>
  sent.startsWith('/ui')
    ? api.page?.answer(sent, { method: request.method, headers: request.headers, host: hostOf({ request, connection }) }, { defaultCluster })
    : undefined;

/** The host that a client names: what browsers call this server by. */
export const hostOf = ({ request: { headers }, connection }: Pick<ReceivedCall, 'request' | 'connection'>): string =>
  connection.host ?? headers.get('host') ?? '';
