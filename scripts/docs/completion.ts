/** completions/donch.{bash,zsh,fish}: made from the commands of both apps, so that they complete what there is. */
import { buildProgram, type Command, type Option } from '@donch/cli';
import { DEFINITIONS as LIVE_DEFINITIONS } from '../../apps/live-bot/src/cli/program.ts';
import { DEFINITIONS as RESEARCH_DEFINITIONS } from '../../apps/research-cli/src/cli/program.ts';

/** One command as a shell sees it. */
interface Words {
  /** `data status` */
  readonly name: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** Words of the first argument, where they are a closed list. */
  readonly choices: readonly string[];
}

const HEAD = '# Generated: node scripts/run.mjs scripts/generate-docs.ts';

export function completions(): ReadonlyMap<string, string> {
  const commands = allCommands();
  return new Map([
    ['completions/donch.bash', bash(commands)],
    ['completions/donch.zsh', zsh(commands)],
    ['completions/donch.fish', fish(commands)],
  ]);
}

function allCommands(): Words[] {
  const quiet = { writeOut: () => undefined, writeErr: () => undefined };
  const program = buildProgram([...RESEARCH_DEFINITIONS, ...LIVE_DEFINITIONS], () => Promise.resolve(), quiet);
  return program.commands.flatMap((command) => wordsOf(command, ''));
}

function wordsOf(command: Command, prefix: string): Words[] {
  const name = `${prefix}${command.name()}`;
  const own: Words = {
    name,
    description: command.description(),
    options: command.options.filter(({ hidden }) => !hidden),
    choices:
      command.commands.length > 0
        ? command.commands.map((child) => child.name())
        : (command.registeredArguments[0]?.argChoices ?? []),
  };
  return [own, ...command.commands.flatMap((child) => wordsOf(child, `${name} `))];
}

/** `--json`, `-q`, ... */
function flagsOf({ options }: Words): string[] {
  return [...options.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined)), '--help'];
}

const topNames = (commands: readonly Words[]): string[] =>
  commands.filter(({ name }) => !name.includes(' ')).map(({ name }) => name);

function bash(commands: readonly Words[]): string {
  const cases = commands.map(
    (command) => `    '${command.name}') words='${[...command.choices, ...flagsOf(command)].join(' ')}' ;;`,
  );
  const values = choiceValues(commands).map(([flag, words]) => `    ${flag}) words='${words.join(' ')}' ;;`);
  return `${HEAD}
# bash: source this file, e.g. from ~/.bashrc
_donch() {
  local words='' current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  case "$previous" in
${values.join('\n')}
  esac
  if [[ -z $words ]]; then
    if ((COMP_CWORD == 1)); then
      words='${[...topNames(commands), '--help', '--version'].join(' ')}'
    else
      local command="\${COMP_WORDS[1]}"
      case "$command \${COMP_WORDS[2]}" in
${nestedCases(commands)}
      esac
      case "$command" in
${cases.map((line) => `  ${line}`).join('\n')}
      esac
    fi
  fi
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
  [[ \${#COMPREPLY[@]} -eq 0 ]] && compopt -o default 2>/dev/null
  return 0
}
complete -F _donch donch ./donch
`;
}

/** `data status` counts as the command once its second word is complete. */
function nestedCases(commands: readonly Words[]): string {
  return commands
    .filter(({ name }) => name.includes(' '))
    .map(({ name }) => `        '${name}') ((COMP_CWORD > 2)) && command='${name}' ;;`)
    .join('\n');
}

/** Flags whose value is one of a closed list. */
function choiceValues(commands: readonly Words[]): [string, readonly string[]][] {
  const values = new Map<string, readonly string[]>();
  for (const { options } of commands)
    for (const { long, argChoices } of options)
      if (long !== undefined && argChoices !== undefined) values.set(long, argChoices);
  return [...values];
}

function zsh(commands: readonly Words[]): string {
  const quoted = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(':', '\\:');
  const names = commands
    .filter(({ name }) => !name.includes(' '))
    .map(({ name, description }) => `    '${name}:${quoted(description)}'`);
  const cases = commands.map(
    (command) =>
      `    '${command.name}') candidates=(${[...command.choices, ...flagsOf(command)].map((word) => `'${word}'`).join(' ')}) ;;`,
  );
  return `#compdef donch
${HEAD}
# zsh: put this file as _donch into a folder of $fpath
local -a commands candidates
if ((CURRENT == 2)); then
  commands=(
${names.join('\n')}
  )
  _describe 'command' commands
else
  local key="\${words[2]}"
  ((CURRENT > 3)) && [[ "\${words[2]}" == 'data' ]] && key="\${words[2]} \${words[3]}"
  case "$key" in
${cases.join('\n')}
  esac
  compadd -- $candidates
  _files
fi
`;
}

function fish(commands: readonly Words[]): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((command) => {
    const { name, description, choices, options } = command;
    const [top, child] = name.split(' ');
    const isThere =
      child === undefined
        ? `__fish_seen_subcommand_from ${top}`
        : `__fish_seen_subcommand_from ${top}; and __fish_seen_subcommand_from ${child}`;
    return [
      ...(child === undefined
        ? [`complete -c donch -n __fish_use_subcommand -a ${top} -d ${quoted(description)}`]
        : []),
      ...choices.map((word) => `complete -c donch -n ${quoted(isThere)} -a ${quoted(word)}`),
      ...options.map(
        ({ short, long, description: meaning, argChoices }) =>
          `complete -c donch -n ${quoted(isThere)}${short === undefined ? '' : ` -s ${short.slice(1)}`}${long === undefined ? '' : ` -l ${long.slice(2)}`}${argChoices === undefined ? '' : ` -x -a ${quoted(argChoices.join(' '))}`} -d ${quoted(meaning)}`,
      ),
    ];
  });
  return `${HEAD}\n# fish: put this file into ~/.config/fish/completions\n${lines.join('\n')}\n`;
}
