// Prints what it is told of changes, and checks that it was signed: node receiver.mjs PORT [KEY]
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const [port = '8080', key] = process.argv.slice(2);

createServer(async (request, response) => {
  const body = await text(request);
  const { 'ce-type': type, 'ce-subject': subject, 'ce-sequence': sequence, 'ce-actor': actor } = request.headers;
  if (key !== undefined && !isSigned(request.headers, body)) return response.writeHead(401).end();
  console.log(`${Number(sequence)} ${type} ${subject} by ${actor}`);
  response.writeHead(204).end();
}).listen(Number(port), '127.0.0.1');

/** Standard Webhooks: an HMAC of the id, the second and the body. */
function isSigned({ 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature = '' }, body) {
  const [, given = ''] = signature.split(',');
  const expected = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
