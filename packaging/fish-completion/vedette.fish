# fish completion of vedette(8), as "vedette completion fish" prints it.

# The commands of the line, without options and their values.
function __vedette_path
    set -l skips no
    for word in (commandline -opc)[2..]
        if test $skips = yes
            set skips no
            continue
        end
        switch $word
            case --run --state -c --config --set --confirm --on-stop --guard-socket --limit --after --address --since --verdict --kind --html --format --evidence --user --for --reason --ours --open --against --profile --from --to
                set skips yes
            case '-*'
            case '*'
                echo $word
        end
    end
end

# Whether they are these, and no more.
function __vedette_at
    test "$(__vedette_path)" = "$(string join \n $argv)"
end

# Whether they begin with these.
function __vedette_in
    test "$(__vedette_path | head -n (count $argv))" = "$(string join \n $argv)"
end

# The addresses that the command lists, nothing where it cannot. Only what looks like one is taken.
function __vedette_addresses
    timeout 3 (commandline -opc)[1] $argv --json 2>/dev/null \
        | string match -ra '(?<="address":")[0-9a-fA-F:./]+(?=")'
end

complete -c vedette -f
complete -c vedette -l version -d 'print the version'
complete -c vedette -l run -x -a '(__fish_complete_directories)' -d 'directory of the guard\'s socket (VEDETTE_RUN_DIR)'
complete -c vedette -l state -x -a '(__fish_complete_directories)' -d 'directory of the guard\'s journal (VEDETTE_STATE_DIR)'
complete -c vedette -l json -d 'print what the API sends instead of text for people'
complete -c vedette -s h -l help -d 'display help for command'
complete -c vedette -n '__vedette_at' -a guard -d 'run the sentry in the foreground'
complete -c vedette -n '__vedette_in guard' -s c -l config -r -F -d 'configuration file (default: /etc/vedette/vedette.conf)'
complete -c vedette -n '__vedette_in guard' -l set -x -a 'TCP_MODE= UDP_MODE= TCP_PORTS= UDP_PORTS= ADVANCED_PORTS_TCP= ADVANCED_PORTS_UDP= ADVANCED_EXCLUDE_TCP= ADVANCED_EXCLUDE_UDP= INTERFACES= SENSE_LOOPBACK= SENSE_ACK= SENSE_SERVED= SENSE_OTHER= OTHER_EXCLUDE= PORT_BANNER= NFLOG_GROUP= NFLOG_RATE= HOLD_AFTER= HOLD_TIME= GRACE= IPV6_PREFIX= ANSWER= TRAP_PORTS= DETECTOR= STRICT= SCORE_HALF_LIFE= SCAN_TRIGGER= TRIGGER_COUNTS= RECORD_TIME= CAMPAIGN_QUIET= MAX_SOURCES= CHALLENGE_RATE= PHANTOM= PHANTOM_ANSWER= PHANTOM_RATE= BLOCK_TCP= BLOCK_UDP= PROOF= BAN_TIME_CLAIMED= BAN_TIME_ALIVE= BAN_TIME_PROVEN= REPEAT_WITHIN= CLAIMED_BANS= NFT_BAN= IGNORE_FILE= BLOCKLIST_FILES= ON_STOP= KILL_HOSTS_DENY= KILL_ROUTE= KILL_RUN_CMD= KILL_RUN_CMD_FIRST= UNKILL_ROUTE= UNKILL_RUN_CMD= HOOK_TIMEOUT= HOOK_QUEUE= HISTORY_FILE= BLOCKED_FILE= JOURNAL_AGE= JOURNAL_SIZE= LOG_FORMAT= LOG_DIALECT= RESOLVE_HOST= BLOCK_LOG= API_LISTEN= API_TOKEN_FILE= API_READ_TOKEN_FILE= GEO_DB= API_HOSTS= ALERT_ON= ALERT_WEBHOOK= ALERT_WEBHOOK_TEMPLATE= ALERT_WEBHOOK_HEADERS= ALERT_MAIL_TO= ALERT_MAIL_FROM= ALERT_SMTP= ALERT_SMTP_PASSWORD_FILE= ALERT_COMMAND= ALERT_DIGEST= ALERT_QUIET= ALERT_LIMIT=' -d 'set one key; may be repeated, goes before the file'
complete -c vedette -n '__vedette_in guard' -l watch-only -d 'tell what happens, but hold and ban nobody'
complete -c vedette -n '__vedette_in guard' -l confirm -x -d 'take everything away again unless "vedette confirm" comes in time'
complete -c vedette -n '__vedette_in guard' -l on-stop -x -a 'keep-bans remove' -d 'what a stop leaves (default: ON_STOP)'
complete -c vedette -n '__vedette_in guard' -l despite-neighbours -d 'hold and ban although something was found that a sentry may break'
complete -c vedette -n '__vedette_in guard' -l guard-socket -r -F -d 'have systemd start the guard, by the socket of its unit'
complete -c vedette -n '__vedette_in guard' -s v -l verbose -d 'tell every probe, too, and what came to nothing'
complete -c vedette -n '__vedette_at' -a status -d 'tell how the guard is'
complete -c vedette -n '__vedette_at' -a bans -d 'list the bans in force'
complete -c vedette -n '__vedette_in bans' -l limit -x -d 'list at most so many, 1 to 10000'
complete -c vedette -n '__vedette_in bans' -l after -x -d 'list those that follow this one'
complete -c vedette -n '__vedette_at' -a why -d 'tell the story of one address'
complete -c vedette -n '__vedette_at' -a campaigns -d 'list scans and what else probed unused ports'
complete -c vedette -n '__vedette_in campaigns' -l limit -x -d 'list at most so many, 1 to 10000'
complete -c vedette -n '__vedette_in campaigns' -l address -x -d 'about this address or prefix alone'
complete -c vedette -n '__vedette_in campaigns' -l since -x -d 'of this span of time, such as 24h'
complete -c vedette -n '__vedette_in campaigns' -l verdict -x -a 'scan undecided benign' -d 'those of this verdict'
complete -c vedette -n '__vedette_in campaigns' -l after -x -d 'list those that follow this place, or the campaign of this id'
complete -c vedette -n '__vedette_at' -a history -d 'list what happened: verdicts, bans, unbans, problems'
complete -c vedette -n '__vedette_in history' -l limit -x -d 'list at most so many, 1 to 10000'
complete -c vedette -n '__vedette_in history' -l address -x -d 'about this address or prefix alone'
complete -c vedette -n '__vedette_in history' -l since -x -d 'of this span of time, such as 24h'
complete -c vedette -n '__vedette_in history' -l kind -x -d 'verdict, evidence, ban, unban, spared, health and others'
complete -c vedette -n '__vedette_in history' -l after -x -d 'list those before the event of this number'
complete -c vedette -n '__vedette_at' -a watch -d 'watch what happens, live'
complete -c vedette -n '__vedette_at' -a report -d 'tell what happened of late, for a mail or as a page'
complete -c vedette -n '__vedette_in report' -l since -x -d 'of this span of time, such as 7d (default: 24h)'
complete -c vedette -n '__vedette_in report' -l html -r -F -d 'write a page into this file; - is the standard output'
complete -c vedette -n '__vedette_at' -a abuse-report -d 'print scans in the form of AbuseIPDB or DShield'
complete -c vedette -n '__vedette_in abuse-report' -l format -x -a 'abuseipdb dshield' -d 'whose form'
complete -c vedette -n '__vedette_in abuse-report' -l since -x -d 'of this span of time (default: 24h)'
complete -c vedette -n '__vedette_in abuse-report' -l evidence -x -a 'claimed alive proven' -d 'leave out sources with less'
complete -c vedette -n '__vedette_in abuse-report' -l user -x -d 'your number at DShield'
complete -c vedette -n '__vedette_at' -a ban -d 'shut an address or prefix out'
complete -c vedette -n '__vedette_in ban' -l for -x -d 'how long (default: for good)'
complete -c vedette -n '__vedette_in ban' -l reason -x -d 'why, for whoever reads the list of bans'
complete -c vedette -n '__vedette_at' -a unban -d 'end bans'
complete -c vedette -n '__vedette_in unban' -l all -d 'end every ban'
complete -c vedette -n '__vedette_in unban' -a '(__vedette_addresses bans)'
complete -c vedette -n '__vedette_at' -a trust -d 'never hold or ban an address or prefix'
complete -c vedette -n '__vedette_in trust' -l for -x -d 'how long (default: until it is untrusted)'
complete -c vedette -n '__vedette_at' -a untrust -d 'take trust away again; needs root'
complete -c vedette -n '__vedette_in untrust' -a '(__vedette_addresses trusted)'
complete -c vedette -n '__vedette_at' -a trusted -d 'list who is never held or banned'
complete -c vedette -n '__vedette_at' -a confirm -d 'keep what guard --confirm, or apply, would take back'
complete -c vedette -n '__vedette_at' -a reload -d 'read the configuration again'
complete -c vedette -n '__vedette_at' -a apply -d 'try a configuration out, and take it back unless confirmed'
complete -c vedette -n '__vedette_in apply' -l confirm -x -d 'time in which "vedette confirm" has to come (default: 60s)'
complete -c vedette -n '__vedette_in apply' -F
complete -c vedette -n '__vedette_at' -a replay -d 'judge captures as the guard would have'
complete -c vedette -n '__vedette_in replay' -l ours -x -d 'our addresses; may be repeated'
complete -c vedette -n '__vedette_in replay' -l open -x -d 'ports that are served: 22,80,53/udp'
complete -c vedette -n '__vedette_in replay' -s c -l config -r -F -d 'configuration file (default: /etc/vedette/vedette.conf)'
complete -c vedette -n '__vedette_in replay' -l against -r -F -d 'tell what this configuration would have done differently'
complete -c vedette -n '__vedette_in replay' -F
complete -c vedette -n '__vedette_at' -a remove -d 'take everything away, journal and trust by hand too; needs root'
complete -c vedette -n '__vedette_in remove' -l yes -d 'do not ask'
complete -c vedette -n '__vedette_in remove' -l keep-state -d 'leave the journal, and the trust that was given by hand'
complete -c vedette -n '__vedette_at' -a config -d 'check, show, begin or import the configuration'
complete -c vedette -n '__vedette_at config' -a check -d 'Tells every fault and warning of the configuration, each with its place.'
complete -c vedette -n '__vedette_in config check' -s c -l config -r -F -d 'file (default: /etc/vedette/vedette.conf)'
complete -c vedette -n '__vedette_in config check' -l profile -x -a 'vedette portsentry' -d 'whose defaults (default: by the file\'s name)'
complete -c vedette -n '__vedette_at config' -a show -d 'Shows every key, its text in force, and where that comes from.'
complete -c vedette -n '__vedette_in config show' -s c -l config -r -F -d 'file (default: /etc/vedette/vedette.conf)'
complete -c vedette -n '__vedette_in config show' -l profile -x -a 'vedette portsentry' -d 'whose defaults (default: by the file\'s name)'
complete -c vedette -n '__vedette_at config' -a init -d 'Prints an annotated configuration with every key, or writes it to a file that does not exist yet.'
complete -c vedette -n '__vedette_in config init' -l systemd -d 'a systemd unit instead'
complete -c vedette -n '__vedette_in config init' -s c -l config -r -F -d 'with --systemd: the configuration that the unit names'
complete -c vedette -n '__vedette_in config init' -F
complete -c vedette -n '__vedette_at config' -a import -d 'Writes vedette.conf and vedette.ignore that do what PortSentry\'s files and fail2ban\'s ignoreip do, and explains each line.'
complete -c vedette -n '__vedette_in config import' -l from -x -a '(__fish_complete_directories)' -d 'the directory that stands for /etc'
complete -c vedette -n '__vedette_in config import' -l to -x -a '(__fish_complete_directories)' -d 'where the new files go; neither may exist'
complete -c vedette -n '__vedette_at config' -a help -d 'display help for command'
complete -c vedette -n '__vedette_in config help' -a 'check show init import'
complete -c vedette -n '__vedette_at' -a selftest -d 'prove in a private network that it works here'
complete -c vedette -n '__vedette_in selftest' -l set -x -a 'TCP_MODE= UDP_MODE= TCP_PORTS= UDP_PORTS= ADVANCED_PORTS_TCP= ADVANCED_PORTS_UDP= ADVANCED_EXCLUDE_TCP= ADVANCED_EXCLUDE_UDP= INTERFACES= SENSE_LOOPBACK= SENSE_ACK= SENSE_SERVED= SENSE_OTHER= OTHER_EXCLUDE= PORT_BANNER= NFLOG_GROUP= NFLOG_RATE= HOLD_AFTER= HOLD_TIME= GRACE= IPV6_PREFIX= ANSWER= TRAP_PORTS= DETECTOR= STRICT= SCORE_HALF_LIFE= SCAN_TRIGGER= TRIGGER_COUNTS= RECORD_TIME= CAMPAIGN_QUIET= MAX_SOURCES= CHALLENGE_RATE= PHANTOM= PHANTOM_ANSWER= PHANTOM_RATE= BLOCK_TCP= BLOCK_UDP= PROOF= BAN_TIME_CLAIMED= BAN_TIME_ALIVE= BAN_TIME_PROVEN= REPEAT_WITHIN= CLAIMED_BANS= NFT_BAN= IGNORE_FILE= BLOCKLIST_FILES= ON_STOP= KILL_HOSTS_DENY= KILL_ROUTE= KILL_RUN_CMD= KILL_RUN_CMD_FIRST= UNKILL_ROUTE= UNKILL_RUN_CMD= HOOK_TIMEOUT= HOOK_QUEUE= HISTORY_FILE= BLOCKED_FILE= JOURNAL_AGE= JOURNAL_SIZE= LOG_FORMAT= LOG_DIALECT= RESOLVE_HOST= BLOCK_LOG= API_LISTEN= API_TOKEN_FILE= API_READ_TOKEN_FILE= GEO_DB= API_HOSTS= ALERT_ON= ALERT_WEBHOOK= ALERT_WEBHOOK_TEMPLATE= ALERT_WEBHOOK_HEADERS= ALERT_MAIL_TO= ALERT_MAIL_FROM= ALERT_SMTP= ALERT_SMTP_PASSWORD_FILE= ALERT_COMMAND= ALERT_DIGEST= ALERT_QUIET= ALERT_LIMIT=' -d 'start the guard with this key; may be repeated'
complete -c vedette -n '__vedette_in selftest' -l keep -d 'leave the guard\'s output in a file, and say where'
complete -c vedette -n '__vedette_at' -a doctor -d 'find what is wrong on this machine'
complete -c vedette -n '__vedette_in doctor' -s c -l config -r -F -d 'configuration file (default: the one that the last guard read)'
complete -c vedette -n '__vedette_at' -a completion -d 'print what completes this command line in a shell'
complete -c vedette -n '__vedette_in completion' -a 'bash zsh fish'
complete -c vedette -n '__vedette_at' -a help -d 'display help for command'
complete -c vedette -n '__vedette_in help' -a 'guard status bans why campaigns history watch report abuse-report ban unban trust untrust trusted confirm reload apply replay remove config selftest doctor completion'
