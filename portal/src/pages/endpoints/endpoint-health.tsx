import { useEndpointStats, type Endpoint } from '../../api/endpoints.js';
import { Skeleton } from '../../kit/states.js';
import { Status } from '../../kit/status.js';
import { texts } from '../../texts/en.js';

const words = texts.endpoints.health;
/** From this share of failures on, somebody should look. */
const MANY = 0.05;

/** How the attempts of the last 24 hours ended. */
export function EndpointHealth({ endpoint }: { endpoint: Endpoint }) {
  const { data, isPending } = useEndpointStats(endpoint.id);
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
