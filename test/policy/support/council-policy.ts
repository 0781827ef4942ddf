/** Two members of the council, a steward, and somebody for operations, by keys that nobody holds. */
const key = (sign: string): string => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${sign.repeat(43)}`;

export const COUNCIL = `apiVersion: canary/v1
kind: Policy
people:
  ana: { key: "${key("A")} ana@laptop", roles: [council, steward] }
  bo: { key: "${key("B")}", roles: [council] }
  cy: { key: ["${key("C")}"], roles: [steward] }
  bot: { token: "\${env:KILL_SWITCH_TOKEN}", roles: [ops] }
stop: [council, steward, ops]
override: { council: 2 }
resume: { steward: 1 }
tiers:
  low: { checks: [ci] }
  medium: { checks: [ci, scan], approvals: { steward: 1 } }
  high:
    checks: [ci, scan, compliance]
    approvals: { council: 2 }
    soak: 10m
    monitor: 4h
    firstShare: 1%
defaultTier: medium
checks:
  ci: { run: [./ci-passed, "\${params.version}"] }
  scan: { http: https://scan.example.com/passed }
  compliance: { confirm: compliance review complete, by: steward, valid: 30d }
  privacy: { confirm: privacy review, by: council }
paths:
  src/backend/payments/**: { tier: high }
  "**/migrations/**": { tier: medium, checks: [privacy] }
freeze:
  - { name: black friday, from: 2026-11-27, to: 2026-12-01, unless: { council: 2 } }
  - { name: weekend, weekly: Fri 16:00 - Mon 08:00, zone: Europe/Berlin, tiers: [high] }
allow: { contexts: [prod], hosts: ["*.example.com"], binaries: [./ci-passed, kubectl] }
tasks:
  rca: { task: root cause analysis, by: steward, within: 24h }
`;
