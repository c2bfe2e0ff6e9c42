import type { ReceivedCall } from './call.ts';
import { exported } from './export/export.ts';
import { answer } from './stages/answer.ts';
import { answerFailure } from './stages/answer-failure.ts';
import { append } from './stages/append.ts';
import { audited, auditReceived, openAudit } from './stages/audit.ts';
import { auditId, auditIdHeader } from './stages/audit-id.ts';
import { authenticate } from './stages/authenticate.ts';
import { authorize } from './stages/authorize.ts';
import { catchUp } from './stages/catch-up.ts';
import { checkBoundObjects } from './stages/check-bound-objects.ts';
import { cors } from './stages/cors.ts';
import { countRequest } from './stages/count-request.ts';
import { deadline } from './stages/deadline.ts';
import { faults } from './stages/faults.ts';
import { classify, flowHeaders, takeTurn } from './stages/flow.ts';
import { handler } from './stages/handler.ts';
import { impersonate } from './stages/impersonate.ts';
import { locate } from './stages/locate.ts';
import { longRunning } from './stages/long-running.ts';
import { metrics } from './stages/metrics.ts';
import { negotiate } from './stages/negotiate.ts';
import { openCluster } from './stages/open-cluster.ts';
import { page } from './stages/page.ts';
import { paths } from './stages/paths.ts';
import { publicInfo } from './stages/public-info.ts';
import { readBody } from './stages/read-body.ts';
import { requestInfo } from './stages/request-info.ts';
import { resolve } from './stages/resolve.ts';
import { showAt } from './stages/show-at.ts';
import { Stages } from './stages/stage.ts';

/** What every request goes through, in this order. Never rejects. */
export const serve = Stages.of<ReceivedCall>()
  .stage(auditId)
  .around(countRequest)
  .around(auditIdHeader)
  .around(flowHeaders)
  .around(cors)
  .around(answerFailure)
  .stage(page)
  .stage(locate)
  .stage(requestInfo)
  .stage(openAudit)
  .around(audited)
  .around(deadline)
  .stage(authenticate)
  .stage(publicInfo)
  .stage(openCluster)
  // The one read of the log. What follows goes by the state that it leads to.
  .stage(catchUp)
  .stage(checkBoundObjects)
  .stage(auditReceived)
  .stage(impersonate)
  .stage(classify)
  .around(takeTurn)
  .stage(authorize)
  .stage(faults)
  .stage(showAt)
  .stage(paths)
  .stage(metrics)
  .stage(exported)
  .stage(resolve)
  .stage(negotiate)
  .stage(readBody)
  .around(longRunning)
  // Reads are answered here. Writes are decoded, and say what is to be changed.
  .stage(handler)
  // Decided on the newest state (`decide/`), again when another writer was first, and appended in one commit.
  .stage(append)
  .answer(answer);
