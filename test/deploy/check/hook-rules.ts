import { HOOKS } from './appspec-grammar.js';
import type { Context } from './context.js';

/** CodeDeploy's hooks: each in appspec.yaml has its function, each function its hook, and a name that may be called. */
export function checkHooks({ appspec, settings, settingsAt, tell, tellSettings }: Context): void {
  const { HOOK_PREFIX } = settings;
  const { hooks } = settings.namesInFiles;
  const given = (appspec.Hooks ?? []).map((entry) => Object.entries(entry)[0]!);
  for (const [index, [event, name]] of given.entries()) {
    const wanted = (hooks as Record<string, string>)[event];
    const path = ['Hooks', index, event];
    if (wanted === undefined)
      tell('appspec', path, `remove the hook ${event}, or make its function: ${settingsAt('namesOf', 'hooks')} has none`);
    else if (name !== wanted)
      tell('appspec', path, `call ${wanted}, as ${settingsAt('namesOf', event)} names the function: it is ${name}`);
    if (given.findIndex(([other]) => other === event) !== index) tell('appspec', path, `remove the second ${event}`);
  }
  for (const [event, name] of Object.entries(hooks)) {
    if (!(HOOKS as readonly string[]).includes(event))
      tellSettings(['namesOf', event], `write one of ${HOOKS.join(', ')} for ${event}`);
    if (!given.some(([other]) => other === event))
      tell('appspec', ['Hooks'], `add the hook ${event}: ${name} (${settingsAt('namesOf', event)})`);
    if (!name.startsWith(HOOK_PREFIX))
      tellSettings(
        ['namesOf', event],
        `begin the name with ${HOOK_PREFIX}: CodeDeploy's role may call no other function; it is ${name}`,
      );
  }
}
