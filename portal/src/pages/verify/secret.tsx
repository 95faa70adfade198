import { useCannot } from '../../api/application.js';
import type { Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { useRevealSecret } from '../../api/endpoint-secret.js';
import { Button } from '../../kit/button.js';
import { CodeBlock } from '../../kit/code-block.js';
import { Notice } from '../../kit/page.js';
import { ErrorBox } from '../../kit/states.js';
import * as texts from '../../texts/en.js';

const words = texts.verify.secret;

/** The line that stores the secret. The secret itself is asked for only when somebody wants to see it. */
export function Secret({ endpoint }: { endpoint: Endpoint | undefined }) {
  const cannot = useCannotSee();
  const { mutate, data, isPending, error, reset } = useRevealSecret();
  const line = (secret: string) => `WEBHOOK_SECRET=${secret}`;
  return (
    <>
      <p className="muted">{words.lead}</p>
      {error && <ErrorBox fault={faultOf(error)} />}
      {data === undefined ? (
        <p>
          <code>{line(words.hidden)}</code>
        </p>
      ) : (
        <CodeBlock text={line(data)} thing={words.line} />
      )}
      {endpoint && (
        <div>
          {data === undefined ? (
            <Button busy={isPending} cannot={cannot} onClick={() => mutate(endpoint.id)}>
              {words.show}
            </Button>
          ) : (
            <Button onClick={reset}>{words.hide}</Button>
          )}
        </div>
      )}
      {data?.startsWith('whpk_') && (
        <Notice title={words.publicKey.title}>
          <p>{words.publicKey.text}</p>
        </Notice>
      )}
    </>
  );
}

/** One of three rights is enough. */
function useCannotSee(): string | null {
  const view = useCannot('ViewEndpointSecret');
  const rotate = useCannot('ManageEndpointSecret');
  const manage = useCannot('ManageEndpoint');
  return rotate === null || manage === null ? null : view;
}
