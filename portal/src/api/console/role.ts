import * as texts from '../../texts/en.js';
import { useSession } from '../session.js';

/** What the caller of the console may ask for, as far as the page knows. Null: nothing speaks against it. */
export interface Role {
  isOperator: boolean;
  /** Why what crosses organisations can not be shown. */
  needsOperator: string | null;
  /** Why what belongs to one organisation can not be shown. */
  needsOrganization: string | null;
}

/** Operators see what crosses organisations; tokens and keys of an organisation see what is its own. */
export function useRole(): Role {
  const isOperator = useSession().caller?.kind === 'operator';
  const { needsOperator, needsOrganization } = texts.console.role;
  return {
    isOperator,
    needsOperator: isOperator ? null : needsOperator.text,
    needsOrganization: isOperator ? needsOrganization.text : null,
  };
}
