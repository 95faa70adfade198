import { useCourse } from '../../api/endpoint-attempts.js';
import { useEndpointStats, type Endpoint } from '../../api/endpoints.js';
import { Skeleton } from '../../kit/states.js';
import { Status } from '../../kit/status.js';
import * as texts from '../../texts/en.js';
import { whyDisabled } from './why-disabled.js';

const words = texts.endpoints.health;
/** From this share of failures on, somebody should look. */
const MANY = 0.05;

/** How the attempts of the last 24 hours ended; of a disabled endpoint, why it is. */
export function EndpointHealth({ endpoint }: { endpoint: Endpoint }) {
  return endpoint.disabled ? <Reason endpoint={endpoint} /> : <Share id={endpoint.id} />;
}

function Reason({ endpoint }: { endpoint: Endpoint }) {
  const { data, isPending } = useCourse(endpoint.id);
  if (isPending) return <Skeleton width="80px" />;
  return <span className="muted">{data ? whyDisabled(endpoint, data).short : '–'}</span>;
}

function Share({ id }: { id: string }) {
  const { data, isPending } = useEndpointStats(id);
  if (isPending) return <Skeleton width="80px" />;
  if (!data) return <span className="muted">–</span>;
  const { success, fail } = data;
  if (success + fail === 0) return <span className="muted">{words.none}</span>;
  const failed = fail / (success + fail);
  return (
    <span title={words.counts(success, fail)}>
      <Status tone={failed === 0 ? 'good' : failed < MANY ? 'waiting' : 'bad'}>{words.share(1 - failed)}</Status>
    </span>
  );
}
