// Generated from openapi.yaml by scripts/generate.ts. Do not edit.
export interface paths {
    "/v1/enrollments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Present a TPM and ask for a credential challenge
         * @description Needs a join token unless the server's `enrolment.mode` is `open`. The endorsement key certificate must chain to a trust anchor unless `enrolment.allowUnverifiedEk` is set. With `enrolment.approval: queue` a TPM that no operator knows is refused at its activation with ENROLLMENT_WAITING until one approves it: ask again after `Retry-After`.
         */
        post: operations["createEnrollment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/enrollments/{enrollmentId}/activation": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                enrollmentId: components["parameters"]["EnrollmentId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Return the opened secret; one attempt only
         * @description The enrolment's id and the secret are the credentials.
         */
        post: operations["activateEnrollment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The hosts, in order of their id */
        get: operations["listHosts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/outliers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Hosts that measured what no or few other hosts did
         * @description Counts, over the stored evidence of all active hosts, how many hosts have each measurement of the registers that hold layers. Pages go by host id; each page counts anew.
         */
        get: operations["listOutliers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/next-attestations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * When the hosts attest next, and feel by that what was changed
         * @description From when they were asked to come. A change of policies or golden measurements is felt by the next attestation of each host; what ends verdicts at once (a revocation, a deny list) is felt at once, and its end by the next attestation.
         */
        get: operations["getNextAttestations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        /** One host */
        get: operations["getHost"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}/labels": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        get?: never;
        /** Replace a host's labels (operators choose them, never the host) */
        put: operations["setHostLabels"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}/release": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a host's binding to its TPM, so that it may enrol with another key
         * @description Voids the host's verdict, its token and its open challenges. The next enrolment opens a new epoch.
         */
        post: operations["releaseHost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}/tpm-replacement": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Expect the host with a new TPM, once and for a time; the old one never enrols again
         * @description Voids the host's verdict, tokens, certificates, challenges and enrolments under way, all at once. Said again, it gives more time.
         */
        post: operations["replaceTpm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}/retirement": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a host out of the fleet for good; neither its name nor its TPM enrols again */
        post: operations["retireHost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identity-conflicts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who claimed a name or a TPM that belongs to another, the latest first */
        get: operations["listIdentityConflicts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pending-hosts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Hosts that proved their TPM and wait for approval */
        get: operations["listPendingHosts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pending-hosts/trials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What rules would do with the hosts that wait now; nothing is changed */
        post: operations["tryApprovalRules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pending-hosts/{pendingId}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pendingId: components["parameters"]["PendingId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let this TPM, name and key enrol
         * @description Binds nothing by itself: the host comes back, proves its TPM again and is enrolled. A host that asks under another name or key meanwhile has another id, and is not approved.
         */
        post: operations["approvePendingHost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pending-hosts/{pendingId}/rejection": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pendingId: components["parameters"]["PendingId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Turn this TPM away, whatever name it asks for */
        post: operations["rejectPendingHost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quarantines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The quarantines, in force and past */
        get: operations["listQuarantines"];
        put?: never;
        /**
         * Stop trusting hosts at once, by name or by label, whatever they attest
         * @description Selects also hosts that get the labels later. The hosts go on attesting; when the quarantine ends, their latest verdict counts again. As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the change is made ends the look at the fleet, and nothing is changed.
         */
        post: operations["createQuarantine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quarantine-previews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Whom a quarantine would set aside, or its end would bring back; nothing is changed
         * @description As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem.
         */
        post: operations["previewQuarantine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quarantines/{quarantineId}/lifting": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                quarantineId: components["schemas"]["QuarantineId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a quarantine */
        post: operations["liftQuarantine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}/challenges": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A nonce to quote, and what to quote */
        post: operations["createChallenge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}/attestations": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Evidence in, verdict out
         * @description Answers 200 with a verdict, trusted or not. Where the boot is what a golden measurement describes that was revoked, rolled back, or is staged for other hosts, the remedy says so; what is kept has the remedy of the appraisal. As CBOR the body has the same field names, with byte strings in place of base64 and of the hexadecimal PCR values.
         */
        post: operations["createAttestation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}/verdict": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        /**
         * The verdict that holds now
         * @description A verdict lapses by itself at its expiry: from then on the status is `none` and a reason says so. With `wait` and `If-None-Match` the answer comes when something else is to be said, also because the verdict lapsed or was renewed, and 304 when the time is over.
         */
        get: operations["getVerdict"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}/evidence": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        /** The latest evidence whose signature was valid, with what is needed to appraise it again */
        get: operations["getEvidence"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}/evidence-bundle": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        /**
         * Everything behind a verdict of a host, in one file that can be appraised without the server
         * @description A tar archive of plain files with a manifest that the server signed: the evidence, the record of the enrolment, what was trusted when the verdict was given, the verdict and a token. No secrets. `touchstone verify evidence` appraises it again; docs/evidence-bundle.md describes every file. The last verdict, unless one is chosen among those that are kept.
         */
        get: operations["exportHost"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}/explanation": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        /** Why a host is refused, since when, and which other hosts show the same */
        get: operations["explainHost"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{hostId}/captures": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Golden statements drafted from a host's latest evidence
         * @description Only a proposal. Nothing is stored or trusted until operators sign the payloads and propose them.
         */
        post: operations["createCapture"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admission/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * May this workload run on this host, now?
         * @description Always 200. Denies by default and says why; an unknown host is denied, not a missing page. `Accept: text/plain` answers in lines for shells.
         */
        post: operations["createAdmissionDecision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admission/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Many workloads and hosts at once, as of one moment
         * @description For a whole scheduler cycle. Each decision is the one that the single form would give.
         */
        post: operations["createAdmissionBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/kubernetes/v1/admission-review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The webhook of Kubernetes for pods, bindings and virtual machines
         * @description Takes and answers AdmissionReview of admission.k8s.io/v1. Nothing that is placed nowhere is denied; whatever names a node is decided as an admission of that node, whose name is the host's id; what is not understood is denied.
         */
        post: operations["reviewKubernetesAdmission"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/kubernetes/v1/scheduler/filter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The filter of a scheduler extender
         * @description ExtenderArgs in, ExtenderFilterResult out, with the names of kube-scheduler's Go types. Nodes that are refused are unresolvable.
         */
        post: operations["filterKubernetesNodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/kubernetes/v1/scheduler/prioritize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The scores of a scheduler extender
         * @description HostPriorityList out. Trusted nodes 10, nodes with warnings 1 where those are accepted, others 0.
         */
        post: operations["prioritizeKubernetesNodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/golden-measurements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The golden measurements */
        get: operations["listGoldenMeasurements"];
        put?: never;
        /**
         * Propose a golden measurement in its DSSE envelope
         * @description Proposing the same payload again adds the signatures that are new. As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the change is made ends the look at the fleet, and nothing is changed.
         */
        post: operations["proposeGoldenMeasurement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/golden-measurements/{goldenId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                goldenId: components["parameters"]["GoldenId"];
            };
            cookie?: never;
        };
        /** One golden measurement with its envelope */
        get: operations["getGoldenMeasurement"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/golden-measurements/{goldenId}/signatures": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                goldenId: components["parameters"]["GoldenId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add a signature
         * @description As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the change is made ends the look at the fleet, and nothing is changed.
         */
        post: operations["signGoldenMeasurement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/golden-measurements/{goldenId}/retirement": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                goldenId: components["parameters"]["GoldenId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop matching it from now on; verdicts that rest on it run out at their expiry
         * @description As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the change is made ends the look at the fleet, and nothing is changed.
         */
        post: operations["retireGoldenMeasurement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/golden-measurements/{goldenId}/revocation": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                goldenId: components["parameters"]["GoldenId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop trusting it at once; verdicts that rest on it end now
         * @description As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the change is made ends the look at the fleet, and nothing is changed.
         */
        post: operations["revokeGoldenMeasurement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Staged rollouts of golden measurements, in the order in which they were started */
        get: operations["listRollouts"];
        put?: never;
        /**
         * Put golden measurements into force for a few hosts first
         * @description Keeps them from every other host, whoever has signed them. They still need their quorum.
         */
        post: operations["startRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts/{rolloutName}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rolloutName: components["parameters"]["RolloutName"];
            };
            cookie?: never;
        };
        /** A rollout, and how far its stage is by the verdicts of its hosts */
        get: operations["getRollout"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts/{rolloutName}/advance": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rolloutName: components["parameters"]["RolloutName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take the next step: the next stage, then all hosts, then the retirement of the predecessors
         * @description As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the step is taken ends the look at the fleet, and nothing is changed.
         */
        post: operations["advanceRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts/{rolloutName}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rolloutName: components["parameters"]["RolloutName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let no step be taken but by operators from now on
         * @description What hosts have of the rollout stays as it is. Without effect where operators advance it already.
         */
        post: operations["pauseRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts/{rolloutName}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rolloutName: components["parameters"]["RolloutName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the server take the next steps where the evidence allows it
         * @description Without effect where it does so already.
         */
        post: operations["resumeRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rollouts/{rolloutName}/roll-back": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rolloutName: components["parameters"]["RolloutName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take the golden measurements from every host again
         * @description Nothing matches them from now on; verdicts that rest on them run out at their expiry. As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the change is made ends the look at the fleet, and nothing is changed.
         */
        post: operations["rollBackRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who may sign golden measurements */
        get: operations["listSigners"];
        put?: never;
        /** Authorise a signer */
        post: operations["createSigner"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signers/{keyid}/removal": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                keyid: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a signer's key away; what it signed counts without it from now on
         * @description Golden measurements that have too few signatures without it are no longer in force until others sign them; verdicts that rest on them run out at their expiry. The key is never authorised again. As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the change is made ends the look at the fleet, and nothing is changed.
         */
        post: operations["removeSigner"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deny-lists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The deny lists, in force and removed */
        get: operations["listDenyLists"];
        put?: never;
        /**
         * Put a signed deny list into force; verdicts of hosts that it denies end at once
         * @description Signed by a quorum, as golden measurements are, under its own payload type. Takes the place of the issue of the same name before it; its version must be higher. Every active host is held against the list by its stored evidence. As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the list is in force ends the look at the fleet, and nothing is changed.
         */
        post: operations["importDenyList"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deny-lists/{denyListName}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                denyListName: components["parameters"]["DenyListName"];
            };
            cookie?: never;
        };
        /** One deny list and its entries */
        get: operations["getDenyList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deny-lists/{denyListName}/removal": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                denyListName: components["parameters"]["DenyListName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a deny list; hosts are trusted again by their next attestation, not before */
        post: operations["removeDenyList"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/denied-hosts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Which hosts a deny list holds something against, by stored evidence; nothing is changed
         * @description As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem.
         */
        post: operations["findDeniedHosts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/what-if": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Who would gain or lose trust by a change, and why; nothing is changed
         * @description Appraises the stored evidence of the whole fleet twice: under what is in force, and with the change laid over it. As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem.
         */
        post: operations["askWhatIf"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest version of each policy */
        get: operations["listPolicies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/{policyId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                policyId: components["schemas"]["PolicyId"];
            };
            cookie?: never;
        };
        /** One policy, newest version */
        get: operations["getPolicy"];
        /**
         * Write the next version of a policy
         * @description As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the change is made ends the look at the fleet, and nothing is changed.
         */
        put: operations["putPolicy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trust-anchors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The roots that endorsement key certificates must chain to */
        get: operations["listTrustAnchors"];
        put?: never;
        /** Trust a root */
        post: operations["createTrustAnchor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trust-anchor-bundles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import a bundle of trust anchors that a quorum of operators signed
         * @description Adds the anchors that the server does not have. One that an operator withdrew stays withdrawn. A bundle whose sequence number is not above that of the last one is refused.
         */
        post: operations["importTrustAnchorBundle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trust-anchors/{anchorId}/withdrawal": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                anchorId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop trusting a root; verdicts of the hosts it vouched for end now
         * @description As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the change is made ends the look at the fleet, and nothing is changed.
         */
        post: operations["withdrawTrustAnchor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trust-anchors/{anchorId}/activation": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                anchorId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Trust a staged root from now on */
        post: operations["activateTrustAnchor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/revocation-lists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest revocation list of each authority that vouches for TPMs */
        get: operations["listRevocationLists"];
        put?: never;
        /**
         * Store revocation lists; verdicts that rest on what they revoke end now
         * @description Each list is taken or refused by itself, in the order of the request; the fleet is looked at once for all of them. A list that is sent alone and refused is answered with the problem. As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the first list is stored ends the look at the fleet, and nothing is changed.
         */
        post: operations["importRevocationLists"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/revocation-lists/{revocationListId}/removal": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                revocationListId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Forget a revocation list; what it revokes is believed again, and what demands a list is not, by the next attestation
         * @description It is fetched no more, either. No verdict ends or comes back by it. Ask first what it would do (`askWhatIf`, `removeRevocationLists`). As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem; who hangs up before the change is made ends the look at the fleet, and nothing is changed.
         */
        post: operations["removeRevocationList"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/revocation-list-previews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What revocation lists would end; nothing is stored
         * @description As application/x-ndjson the answer is lines of progress and, as the last one, the result or a problem. A list is refused where its import would be, and a host is named with the first list that would end its endorsement.
         */
        post: operations["previewRevocationLists"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intermediates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Authorities between TPMs and trust anchors; where they may be fetched from, and which are missing */
        get: operations["listIntermediates"];
        put?: never;
        /** Store intermediates whose paths lead to trust anchors */
        post: operations["importIntermediates"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intermediates/{intermediateId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                intermediateId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forget an intermediate */
        delete: operations["removeIntermediate"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intermediate-sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Allow an address to fetch intermediates from, and ask it */
        post: operations["allowIntermediateSource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intermediate-sources/{sourceId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sourceId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Fetch no more intermediates from an address */
        delete: operations["forgetIntermediateSource"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endorsement-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Endorsement keys that operators vouch for */
        get: operations["listRegisteredEks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/endorsement-keys/{ekDigest}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SHA-256 of the key's SubjectPublicKeyInfo. */
                ekDigest: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        get?: never;
        /** Vouch for a TPM by its endorsement key, before its host enrols */
        put: operations["registerEk"];
        post?: never;
        /** Stop vouching for a TPM; the verdict of its host ends now */
        delete: operations["unregisterEk"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The API tokens, those of hosts too, without their secrets */
        get: operations["listTokens"];
        put?: never;
        /** Make an API token; its secret is shown this once */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{tokenId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tokenId: components["schemas"]["TokenId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke an API token */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The audit log, or the entries of it that are looked for; each entry carries the hash of the one before */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Size and root of the audit log, signed; with `from` a proof that it was only appended to since
         * @description Whoever keeps a checkpoint can hold the server to it: with its size as `from`, the answer proves that the log begins with what it was then. See docs/audit-log.md.
         */
        get: operations["getAuditCheckpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happened, from a cursor; with `wait`, or as a stream, also what is still to come
         * @description As text/event-stream (server-sent events) each event has its cursor as `id`; a client that comes back sends `Last-Event-ID`. Streams end after five minutes. Orchestrators hear of hosts and verdicts only. See docs/events.md.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lockout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What begins a hold of lockout protection, and the one that there is */
        get: operations["getLockout"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lockout/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End the hold at once; permits the next one */
        post: operations["endLockout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/break-glass": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Break-glass statements, in force and past, the newest first */
        get: operations["listBreakGlass"];
        put?: never;
        /**
         * Admit hosts for a while although no golden measurement accepts what they booted
         * @description A statement signed by a quorum, as golden measurements are, under its own payload type. It names one boot of one TPM for each host, and excuses findings by name. It makes no verdict, and never excuses anything but a proved boot that matches no golden measurement. See docs/break-glass.md.
         */
        post: operations["submitBreakGlass"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/break-glass/{breakGlassId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                breakGlassId: components["parameters"]["BreakGlassId"];
            };
            cookie?: never;
        };
        /** One break-glass statement, and which of its hosts it covers now */
        get: operations["getBreakGlass"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/break-glass/{breakGlassId}/end": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                breakGlassId: components["parameters"]["BreakGlassId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a break-glass statement before its time; it never comes back */
        post: operations["endBreakGlass"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is told of events by webhook or syslog, and how far each has come */
        get: operations["listSubscriptions"];
        put?: never;
        /**
         * Tell a receiver of events; it must permit that first
         * @description A webhook is asked by OPTIONS with `WebHook-Request-Origin` and must name this server in `WebHook-Allowed-Origin`; its host must be one of `events.webhookHosts`. A receiver of syslog must be reached, and be one of `events.syslog.receivers`. See docs/events.md.
         */
        post: operations["createSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscriptionId: components["parameters"]["SubscriptionId"];
            };
            cookie?: never;
        };
        /** One subscription */
        get: operations["getSubscription"];
        put?: never;
        post?: never;
        /** Tell a receiver nothing more */
        delete: operations["removeSubscription"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}/test": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscriptionId: components["parameters"]["SubscriptionId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send the receiver one event that tells of nothing, now */
        post: operations["testSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscriptionId}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscriptionId: components["parameters"]["SubscriptionId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deliver again from a cursor, or on from where it stopped; ends a pause */
        post: operations["replaySubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The keys that verdict and decision tokens are signed with */
        get: operations["getJwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/cose-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same keys for relying parties that verify CWT */
        get: operations["getCoseKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signing-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The keys that sign tokens, in order
         * @description Those that a token which still holds may be signed with, and those that will sign.
         */
        get: operations["listSigningKeys"];
        put?: never;
        /**
         * Rotate the key that signs tokens
         * @description Makes a key and publishes it at once; it signs from the moment that is asked for, so that relying parties know it by then. A key that waits for its time is replaced. The keys before stay published as long as a token of theirs may hold.
         */
        post: operations["createSigningKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attestation-ca/certificate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The certificate of the CA that certifies attestation keys, DER */
        get: operations["getAttestationCaCertificate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attestation-ca/crl": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The revocation list of the CA that certifies attestation keys, DER
         * @description Names the certificates of hosts that were released, set aside or enrolled again, or whose TPM nobody vouches for any more. What was revoked a moment ago is in it; `nextUpdate` says how long it may be relied on.
         */
        get: operations["getAttestationCaCrl"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attestation-ca/chain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Certificates of all keys of the CA, with those of the authorities above them, PEM
         * @description The key that issues comes first. The one that shall issue next is in it before it does, and those that issued before are until what they issued has ended.
         */
        get: operations["getAttestationCaChain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attestation-ca/authorities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The keys of the CA that certifies attestation keys */
        get: operations["listAttestationAuthorities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attestation-ca/authorities/{authorityId}/crl": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                authorityId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        /** The revocation list of one key of the CA, DER */
        get: operations["getAttestationAuthorityCrl"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What monitoring wants to know, as Prometheus reads it
         * @description Figures about the server and the whole fleet, listed in docs/metrics.md. No label ever names a host.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process runs */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The store answers, or hosts are still admitted from memory, and the server is not draining */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Assigned at enrolment from the host name. The identity behind it is the TPM's endorsement key.
         * @example hv-17.rack3
         */
        HostId: string;
        EnrollmentId: string;
        ChallengeId: string;
        TokenId: string;
        /** @description SHA-256 of the signed payload. */
        GoldenId: string;
        /** @example fleet */
        PolicyId: string;
        Name: string;
        Text: string;
        /** @description Up to 16 KiB. */
        Base64: string;
        /** @description A log. May be empty, which is appraised as no log. */
        LogBase64: string;
        /** @description A JSON text sequence of at most 4 MiB. May be empty, which is appraised as no log. */
        UserspaceLogBase64: string;
        Sha256Hex: string;
        Pem: string;
        /** Format: date-time */
        Time: string;
        /** @enum {string} */
        Layer: "firmware" | "secure-boot" | "boot-loader" | "kernel" | "kernel-command-line" | "initrd" | "runtime" | "confidential-guest";
        /** @enum {string} */
        Bank: "sha1" | "sha256" | "sha384" | "sha512";
        Labels: {
            [key: string]: string;
        };
        /** @enum {string} */
        Status: "affirming" | "warning" | "contraindicated" | "none";
        Reason: {
            code: string;
            message: components["schemas"]["Text"];
        };
        EnrollmentRequest: {
            hostName: components["schemas"]["HostId"];
            ekCertificate?: components["schemas"]["Base64"];
            ekCertificateChain?: components["schemas"]["Base64"][];
            /** @description Attribute certificates in which the maker of the machine binds it to this TPM, and certificates of their issuers. DER. */
            platformCertificates?: components["schemas"]["Base64"][];
            deviceIdentity?: components["schemas"]["DeviceIdentity"];
            /** @description TPM2B_PUBLIC of the endorsement key. */
            ekPublic: components["schemas"]["Base64"];
            /** @description TPM2B_PUBLIC of a restricted signing key. */
            akPublic: components["schemas"]["Base64"];
        };
        /** @description An initial attestation key (IAK) of the same TPM, certified by the maker of the machine. Taken where `enrolment.deviceIdentity` of the configuration allows it. */
        DeviceIdentity: {
            certificate: components["schemas"]["Base64"];
            chain?: components["schemas"]["Base64"][];
            /** @description TPM2B_PUBLIC of the key. */
            publicArea: components["schemas"]["Base64"];
        };
        /** @description TPM2_Certify of the attestation key by the initial attestation key. */
        Certification: {
            /** @description TPMS_ATTEST. */
            attest: components["schemas"]["Base64"];
            /** @description TPMT_SIGNATURE. */
            signature: components["schemas"]["Base64"];
        };
        EnrollmentChallenge: {
            enrollmentId: components["schemas"]["EnrollmentId"];
            /** @description TPM2B_ID_OBJECT, for TPM2_ActivateCredential. */
            credentialBlob: components["schemas"]["Base64"];
            /** @description TPM2B_ENCRYPTED_SECRET, for TPM2_ActivateCredential. */
            encryptedSecret: components["schemas"]["Base64"];
            /** @description Where a device identity was shown, what its key must sign about the attestation key. */
            certifyQualifyingData?: components["schemas"]["Base64"];
            expiresAt: components["schemas"]["Time"];
        };
        ActivationRequest: {
            secret: string;
            certification?: components["schemas"]["Certification"];
        };
        Activation: {
            hostId: components["schemas"]["HostId"];
            /** @enum {string} */
            state: "active";
            serverId: components["schemas"]["ServerId"];
            /** @description Absent while the key of the attestation CA is out of reach; an attestation brings it then. */
            akCertificate?: components["schemas"]["Pem"];
            /** @description Bearer token for this host's own routes, good only beside `touchstone-proof`. Shown this once. */
            hostToken: string;
        };
        AttestationAuthorityList: {
            items: components["schemas"]["AttestationAuthority"][];
        };
        /** @description One key of the CA that certifies attestation keys. */
        AttestationAuthority: {
            /** @description SHA-256 of its SubjectPublicKeyInfo. */
            authorityId: components["schemas"]["Sha256Hex"];
            /**
             * @description `issuing`: it signs certificates; `next`: it never did, and is published so that others trust it in time; `previous`: it did, and signs its revocation list until what it issued has ended.
             * @enum {string}
             */
            state: "issuing" | "next" | "previous";
            subject: string;
            notBefore: components["schemas"]["Time"];
            notAfter: components["schemas"]["Time"];
            certificate: components["schemas"]["Pem"];
            /** @description When the last certificate that it issued ends. Its key is needed until then. */
            lastCertificateEnds?: components["schemas"]["Time"];
        };
        /** @description The name this server signs and challenges under. */
        ServerId: string;
        ChallengeRequest: {
            logs?: {
                eventLog?: components["schemas"]["LogSummary"];
                imaLog?: components["schemas"]["LogSummary"];
                userspaceLog?: components["schemas"]["LogSummary"];
            };
            /** @description The kernel's name of this boot (/proc/sys/kernel/random/boot_id). Another one than before ends the verdict at once, and every challenge of the boot before. It never counts in favour of a host. */
            bootId?: string;
        };
        /** @description What the host has, so that it need not send what the server already holds. */
        LogSummary: {
            sha256: components["schemas"]["Sha256Hex"];
            length: number;
        };
        Challenge: {
            challengeId: components["schemas"]["ChallengeId"];
            serverId: components["schemas"]["ServerId"];
            nonce: components["schemas"]["Base64"];
            /** @description SHA-256 over the context and the nonce, ready for `tpm2_quote -q`. A careful host computes it itself. */
            qualifyingData: components["schemas"]["Base64"];
            pcrSelection: {
                bank: components["schemas"]["Bank"];
                pcrs: number[];
            }[];
            /** @description What the server does not hold. pcrs: false where the PCR values of the attestation that this challenge came with may be left out, if the host quotes the very same. */
            want: {
                pcrs?: boolean;
                eventLog: boolean;
                imaLog: boolean;
                userspaceLog: boolean;
            };
            /** @description So many bytes of the IMA list are held: of a list that only grew, what came after them is enough. Absent where it is wanted whole. */
            imaLogOffset?: number;
            expiresAt: components["schemas"]["Time"];
        };
        PcrBank: {
            [key: string]: string;
        };
        /**
         * @description PCR values as the host read them, by bank and index. They prove nothing until the quote covers them.
         * @example {
         *       "sha256": {
         *         "0": "3d458cfe55cc03ea1f443f1562beec8df51c75e14a9fcf9a7234a13f198e7969"
         *       }
         *     }
         */
        Pcrs: {
            sha1?: components["schemas"]["PcrBank"];
            sha256?: components["schemas"]["PcrBank"];
            sha384?: components["schemas"]["PcrBank"];
            sha512?: components["schemas"]["PcrBank"];
        };
        AttestationRequest: {
            challengeId: components["schemas"]["ChallengeId"];
            /** @description TPMS_ATTEST. */
            attest: components["schemas"]["Base64"];
            /** @description TPMT_SIGNATURE. */
            signature: components["schemas"]["Base64"];
            /** @description PCR values as the host read them, by bank and index. They prove nothing until the quote covers them. Left out where the challenge does not want them and they are those of before. */
            pcrs?: components["schemas"]["Pcrs"];
            /** @description /sys/kernel/security/tpm0/binary_bios_measurements */
            eventLog?: components["schemas"]["LogBase64"];
            /** @description /sys/kernel/security/ima/binary_runtime_measurements */
            imaLog?: components["schemas"]["LogBase64"];
            /** @description As the challenge says it. imaLog is what came after so many bytes of the list, which are as they were. */
            imaLogOffset?: number;
            /** @description /run/log/systemd/tpm2-measure.log, read after the quote: what systemd measured while the system ran. Used only as far as the quoted PCRs confirm it. */
            userspaceLog?: components["schemas"]["UserspaceLogBase64"];
        };
        /** @description The AR4SI trustworthiness vector. A missing claim is 0. */
        Vector: {
            "instance-identity"?: components["schemas"]["VectorValue"];
            configuration?: components["schemas"]["VectorValue"];
            executables?: components["schemas"]["VectorValue"];
            "file-system"?: components["schemas"]["VectorValue"];
            hardware?: components["schemas"]["VectorValue"];
            "runtime-opaque"?: components["schemas"]["VectorValue"];
            "storage-opaque"?: components["schemas"]["VectorValue"];
            "sourced-data"?: components["schemas"]["VectorValue"];
        };
        VectorValue: number;
        Finding: {
            code: string;
            /** @enum {string} */
            severity: "error" | "warning" | "info";
            check: string;
            layer?: components["schemas"]["Layer"];
            pcr?: number;
            event?: number;
            /** @description The golden measurement that the boot comes nearest to. */
            golden?: components["schemas"]["GoldenId"];
            expected?: components["schemas"]["Text"];
            observed?: components["schemas"]["Text"];
            message: components["schemas"]["Text"];
            remedy?: components["schemas"]["Text"];
        };
        Verdict: {
            host: components["schemas"]["HostId"];
            status: components["schemas"]["Status"];
            vector: components["schemas"]["Vector"];
            findings: components["schemas"]["Finding"][];
            /** @description The golden measurement that each layer matched. */
            layers: {
                [key: string]: components["schemas"]["GoldenId"];
            };
            /** @description More golden measurements that the verdict rests on, where a layer was made of several. */
            furtherGoldens?: components["schemas"]["GoldenId"][];
            policy?: components["schemas"]["PolicyVersion"];
            boot?: {
                resetCount: number;
                restartCount: number;
                clockMs: string;
                /** @enum {string} */
                epoch: "first" | "same-boot" | "resumed" | "rebooted" | "rolled-back";
            };
            evidenceDigest?: components["schemas"]["Sha256Hex"];
            eventLogDigest?: components["schemas"]["Sha256Hex"];
            /** @description When the challenge was drawn that the evidence answers: what is proved may be as old as that. The end of the verdict, its age (`maxAgeSeconds`) and the `iat` of tokens count from it. */
            challengedAt: components["schemas"]["Time"];
            /** @description When the evidence came. */
            issuedAt: components["schemas"]["Time"];
            expiresAt: components["schemas"]["Time"];
        };
        AttestationResult: {
            verdict: components["schemas"]["Verdict"];
            nextAttestationSeconds: number;
            /** @description What to answer at the next attestation, without asking for a challenge first; `want` says which of the logs of this attestation the server holds. The verdict then counts from now, when this was drawn. Once, in this boot only: whoever booted again asks, and so does whoever was refused. Asking ends it. */
            nextChallenge?: components["schemas"]["Challenge"];
            /** @description The next certificate of the attestation key, where there is none, or the last has lived half of its life, was revoked, or is from a key that no longer issues. */
            akCertificate?: components["schemas"]["Pem"];
        };
        HostVerdict: {
            host: components["schemas"]["HostId"];
            state: components["schemas"]["HostState"];
            status: components["schemas"]["Status"];
            /** @description Why the status is not the one of `verdict`, or why there is none. */
            reasons: components["schemas"]["Reason"][];
            /** @description The last appraisal. */
            verdict?: components["schemas"]["Verdict"];
            held?: components["schemas"]["Held"];
            remembered?: components["schemas"]["Remembered"];
            breakGlass?: components["schemas"]["BreakGlassGrant"];
        };
        StoredEvidence: {
            hostId: components["schemas"]["HostId"];
            receivedAt: components["schemas"]["Time"];
            akPublic: components["schemas"]["Base64"];
            qualifyingData: components["schemas"]["Base64"];
            attest: components["schemas"]["Base64"];
            signature: components["schemas"]["Base64"];
            pcrs: components["schemas"]["Pcrs"];
            eventLog?: components["schemas"]["LogBase64"];
            imaLog?: components["schemas"]["LogBase64"];
            userspaceLog?: components["schemas"]["UserspaceLogBase64"];
        };
        /**
         * @example {
         *       "host": "hv-17.rack3",
         *       "workload": {
         *         "name": "payments-db"
         *       },
         *       "maxAgeSeconds": 600,
         *       "zone": "north"
         *     }
         */
        AdmissionRequest: {
            host: components["schemas"]["HostId"];
            workload?: {
                name: components["schemas"]["Name"];
            };
            audience?: components["schemas"]["Audience"];
            minimumStatus?: components["schemas"]["MinimumStatus"];
            maxAgeSeconds?: components["schemas"]["MaxAgeSeconds"];
            /** @description The worst value allowed for each claim; the claim must be present. */
            requireVector?: components["schemas"]["Vector"];
            /** @description Labels that the host must have, with these values. Operators set them, never the host. */
            requireLabels?: components["schemas"]["Labels"];
            zone?: components["schemas"]["Zone"];
            tenant?: components["schemas"]["Tenant"];
            confidentialComputing?: components["schemas"]["ConfidentialComputing"];
            refuseHeld?: components["schemas"]["RefuseHeld"];
        };
        /** @description For shells. The first line is `allow` or `deny` and nothing else; one line for each reason follows, its code, a colon and what it means. `HELD` after `allow`: lockout protection holds the status. `BREAK-GLASS` after `allow`: operators admit the host although its evidence says something worse. */
        PlainDecision: string;
        /** @description Whom the decision token is for. `touchstone:admission` when absent. */
        Audience: string;
        /**
         * @default affirming
         * @enum {string}
         */
        MinimumStatus: "affirming" | "warning";
        /** @description How old the evidence behind the verdict may be. */
        MaxAgeSeconds: number;
        /** @description The host must have this value in the label that `admission.zoneLabel` names. */
        Zone: string;
        /** @description The host must have this value in the label that `admission.tenantLabel` names. A host that has the label is for that tenant only: without this field it is denied. */
        Tenant: string;
        /**
         * @description True demands an affirming claim `runtime-opaque`, which only confidential-computing evidence earns.
         * @default false
         */
        ConfidentialComputing: boolean;
        /**
         * @example {
         *       "requests": [
         *         {
         *           "hosts": [
         *             "hv-17.rack3",
         *             "hv-18.rack3"
         *           ],
         *           "workload": {
         *             "name": "payments-db"
         *           },
         *           "zone": "north"
         *         }
         *       ]
         *     }
         */
        AdmissionBatchRequest: {
            /** @description One per workload. All of them together may name 20 000 hosts. */
            requests: components["schemas"]["AdmissionBatchItem"][];
            /**
             * @description Whether each decision is signed.
             * @default false
             */
            tokens?: boolean;
        };
        /** @description As AdmissionRequest, with several hosts. */
        AdmissionBatchItem: {
            hosts: components["schemas"]["HostId"][];
            workload?: {
                name: components["schemas"]["Name"];
            };
            audience?: components["schemas"]["Audience"];
            minimumStatus?: components["schemas"]["MinimumStatus"];
            maxAgeSeconds?: components["schemas"]["MaxAgeSeconds"];
            requireVector?: components["schemas"]["Vector"];
            requireLabels?: components["schemas"]["Labels"];
            zone?: components["schemas"]["Zone"];
            tenant?: components["schemas"]["Tenant"];
            confidentialComputing?: components["schemas"]["ConfidentialComputing"];
            refuseHeld?: components["schemas"]["RefuseHeld"];
        };
        AdmissionBatch: {
            /** @description The one moment as of which all was decided. */
            decidedAt: components["schemas"]["Time"];
            /** @description One list per request, in its order, with one decision per host, in its order. */
            items: components["schemas"]["BatchDecision"][][];
        };
        /**
         * @description Deny where the status rests on a hold of lockout protection or on break-glass, and the evidence says something worse.
         * @default false
         */
        RefuseHeld: boolean;
        /** @description Lockout protection holds the status: the evidence of an unchanged boot is refused now, as that of too many other hosts. See docs/lockout.md. */
        Held: {
            since: components["schemas"]["Time"];
            until: components["schemas"]["Time"];
            reason: string;
        };
        /** @description The database is away, and the answer is what it said last: so at `asOf`, and not relied on after `until`. See docs/high-availability.md. */
        Remembered: {
            asOf: components["schemas"]["Time"];
            until: components["schemas"]["Time"];
        };
        Lockout: {
            on: boolean;
            sharePercent?: number;
            windowSeconds: number;
            holdSeconds: number;
            leastHosts: number;
            /** @description The one that no operator has ended; there is no other before that. */
            hold?: {
                id: string;
                inForce: boolean;
                since: components["schemas"]["Time"];
                until: components["schemas"]["Time"];
                /** @description Hosts that had lost trust when it began. */
                flipped: number;
                /** @description Hosts that there were. */
                fleet: number;
            };
        };
        LockoutEnd: {
            reason: string;
        };
        /**
         * @description What an allow rests on, where that is not the verdict itself: a hold of lockout protection (`held`), or a statement that operators signed (`breakGlass`). The evidence says something worse.
         * @enum {string}
         */
        Ground: "hold" | "break-glass";
        /** @description SHA-256 of the signed payload. */
        BreakGlassId: string;
        /** @description A quorum of operators admits the host until then, although no golden measurement accepts what it booted. See docs/break-glass.md. */
        BreakGlassGrant: {
            statement: components["schemas"]["BreakGlassId"];
            since: components["schemas"]["Time"];
            until: components["schemas"]["Time"];
            /** @description Of a decision, as of `decidedAt`. */
            remainingSeconds?: number;
            reason: string;
            ticket: string;
            signers: string[];
        };
        BreakGlassSubmission: {
            envelope: components["schemas"]["DsseEnvelope"];
        };
        BreakGlassList: {
            /** @description How long a statement may last (`breakGlass.longestSeconds`), from when it is issued. With 0 none is accepted. */
            longestSeconds: number;
            items: components["schemas"]["BreakGlass"][];
        };
        BreakGlass: {
            id: components["schemas"]["BreakGlassId"];
            /**
             * @description `over`: its time is. `ended`: an operator ended it. `not-approved`: the signatures do not reach the quorum any more.
             * @enum {string}
             */
            state: "in-force" | "over" | "ended" | "not-approved";
            issuedAt: components["schemas"]["Time"];
            /** @description When its time is over, by what was signed and by `breakGlass.longestSeconds`. */
            until: components["schemas"]["Time"];
            status: components["schemas"]["MinimumStatus"];
            reason: string;
            ticket: string;
            /** @description Codes of findings. */
            excuses: string[];
            /** @description How many it names. */
            hosts: number;
            /** @description Whose signatures count, while it is in force. */
            signers: string[];
            storedAt: components["schemas"]["Time"];
            storedBy: string;
            storedByName?: components["schemas"]["ActorName"];
            ended?: {
                at: components["schemas"]["Time"];
                by: string;
                byName?: components["schemas"]["ActorName"];
                reason: string;
            };
        };
        BreakGlassDetails: {
            statement: components["schemas"]["BreakGlass"];
            /** @description Each host that it names, in its order. */
            covers: {
                host: components["schemas"]["HostId"];
                /** @description Whether it is admitted by this statement, while that is in force. */
                covered: boolean;
                /** @description Why not. docs/break-glass.md explains each. */
                obstacle?: string;
            }[];
        };
        BatchDecision: {
            /** @enum {string} */
            decision: "allow" | "deny";
            host: components["schemas"]["HostId"];
            reasons: components["schemas"]["Reason"][];
            validUntil: components["schemas"]["Time"];
            ground?: components["schemas"]["Ground"];
            held?: components["schemas"]["Held"];
            remembered?: components["schemas"]["Remembered"];
            breakGlass?: components["schemas"]["BreakGlassGrant"];
            token?: string;
        };
        /** @description AdmissionReview with a request. Only what is read is described; Kubernetes adds fields. */
        KubernetesReview: {
            /** @constant */
            apiVersion: "admission.k8s.io/v1";
            /** @constant */
            kind: "AdmissionReview";
            request: {
                uid: string;
                resource: {
                    group: string;
                    resource: string;
                } & {
                    [key: string]: unknown;
                };
                subResource?: string;
                /** @enum {string} */
                operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
                namespace?: string;
                object?: {
                    [key: string]: unknown;
                } | null;
                oldObject?: {
                    [key: string]: unknown;
                } | null;
            } & {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        KubernetesReviewAnswer: {
            /** @constant */
            apiVersion: "admission.k8s.io/v1";
            /** @constant */
            kind: "AdmissionReview";
            response: {
                uid: string;
                allowed: boolean;
                /** @description For the audit log of Kubernetes, which node was judged, and the codes of a denial. What an allow by break-glass rests on. */
                auditAnnotations: {
                    node?: string;
                    reasons?: string;
                    /** @constant */
                    ground?: "break-glass";
                    statement?: string;
                    signers?: string;
                    reason?: string;
                    ticket?: string;
                    until?: string;
                };
                /** @description That lockout protection holds the status of the node, or that operators admit it by break-glass. */
                warnings?: string[];
                status?: {
                    /** @constant */
                    code: 403;
                    /** @constant */
                    reason: "Forbidden";
                    message: string;
                };
            };
        };
        /** @description Candidates by name (`nodeCacheCapable`), or as whole nodes. */
        KubernetesExtenderArgs: {
            Pod: {
                metadata?: {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            };
            NodeNames?: string[] | null;
            Nodes?: ({
                items: ({
                    metadata: {
                        name: string;
                    } & {
                        [key: string]: unknown;
                    };
                } & {
                    [key: string]: unknown;
                })[];
            } & {
                [key: string]: unknown;
            }) | null;
        } & {
            [key: string]: unknown;
        };
        KubernetesFilterResult: {
            /** @description As they were sent, where they were. */
            Nodes: {
                items: {
                    [key: string]: unknown;
                }[];
            } | null;
            NodeNames: string[] | null;
            /** @description Always empty; preempting other pods would not help. */
            FailedNodes: Record<string, never>;
            FailedAndUnresolvableNodes: {
                [key: string]: string;
            };
            Error: string;
        };
        KubernetesHostPriority: {
            Host: string;
            Score: number;
        };
        AdmissionDecision: {
            /** @enum {string} */
            decision: "allow" | "deny";
            host: components["schemas"]["HostId"];
            workload?: components["schemas"]["Name"];
            /** @description Empty exactly when the decision is allow. */
            reasons: components["schemas"]["Reason"][];
            verdict?: {
                status: components["schemas"]["Status"];
                challengedAt: components["schemas"]["Time"];
                issuedAt: components["schemas"]["Time"];
                expiresAt: components["schemas"]["Time"];
            };
            decidedAt: components["schemas"]["Time"];
            validUntil: components["schemas"]["Time"];
            ground?: components["schemas"]["Ground"];
            held?: components["schemas"]["Held"];
            remembered?: components["schemas"]["Remembered"];
            breakGlass?: components["schemas"]["BreakGlassGrant"];
            token: string;
        };
        /**
         * @description Computed when asked: `booting` has not attested since it enrolled or booted, `fresh` attests when it is asked to (trusted or not), `stale` missed its time, `lost` is silent beyond every promise, operators set `quarantined` ones aside, a `released` one may enrol again with any TPM, a `replacing` one with a new TPM only, a `retired` one never.
         * @enum {string}
         */
        HostState: "booting" | "fresh" | "stale" | "lost" | "quarantined" | "released" | "replacing" | "retired";
        Host: {
            id: components["schemas"]["HostId"];
            state: components["schemas"]["HostState"];
            /** @description Counts the bindings of this id to a TPM and key. */
            epoch: number;
            labels: components["schemas"]["Labels"];
            /** @description SHA-256 of the endorsement key's SubjectPublicKeyInfo. */
            ekDigest: components["schemas"]["Sha256Hex"];
            /** @description Until when a new TPM may enrol, for a host that waits for one. */
            replaceUntil?: components["schemas"]["Time"];
            akName: string;
            ekVerified: boolean;
            ekAnchor?: components["schemas"]["Name"];
            enrolledAt: components["schemas"]["Time"];
            status: components["schemas"]["Status"];
            /**
             * @description Present where the configuration protects the host from changes that would lose it.
             * @constant
             */
            protected?: true;
            held?: components["schemas"]["Held"];
            breakGlass?: components["schemas"]["BreakGlassGrant"];
            verdictIssuedAt?: components["schemas"]["Time"];
            verdictExpiresAt?: components["schemas"]["Time"];
            /** @description When the host was asked to attest again. */
            dueAt?: components["schemas"]["Time"];
            /** @description The initial attestation key that vouches for the attestation key, where the host enrolled with one; only of a single host, not in lists. */
            deviceIdentity?: {
                subject: string;
                /** @description The TPM's serial number as its maker wrote it into the certificate, printable. */
                serial: string;
                notAfter: components["schemas"]["Time"];
            };
            platform?: components["schemas"]["Platform"];
        };
        /** @description What the platform certificate of the host says, where it sent one; only of a single host, not in lists. Parts are the claim of the machine's maker: nothing measures them. */
        Platform: {
            /** @description The maker's signature leads to a trust anchor of scope `platform`, and binds the machine to this TPM. */
            proven: boolean;
            anchor?: components["schemas"]["Name"];
            /** @description What speaks against it, where it is not proven. */
            code?: string;
            message?: string;
            manufacturer?: string;
            model?: string;
            version?: string;
            serial?: string;
            components?: components["schemas"]["PlatformComponent"][];
        };
        PlatformComponent: {
            /** @description Registry and class, as the certificate spells them. */
            class?: string;
            manufacturer: string;
            model: string;
            serial?: string;
            revision?: string;
            fieldReplaceable?: boolean;
        };
        HostList: {
            items: components["schemas"]["Host"][];
            /** @description Hosts of this page of which a stored row is damaged. They are denied. Absent where there is none. */
            unreadable?: components["schemas"]["HostId"][];
            /** @description Send as `after` for the following page. Absent on the last. */
            next?: string;
        };
        LabelsRequest: {
            labels: components["schemas"]["Labels"];
        };
        ReasonRequest: {
            reason: string;
        };
        ReplacementRequest: {
            reason: string;
            /**
             * @description How long the new TPM is expected.
             * @default 259200
             */
            expiresInSeconds?: number;
        };
        IdentityConflictList: {
            items: components["schemas"]["IdentityConflict"][];
        };
        IdentityConflict: {
            /** @description The name that was asked for. */
            hostName: components["schemas"]["HostId"];
            /** @description The TPM that it was asked for. */
            ekDigest: components["schemas"]["Sha256Hex"];
            code: string;
            /** @description Who claimed it last: the token or client certificate that was shown, else `stranger`, who proved a TPM first (older releases wrote `host` and the name that was asked for). */
            actor: string;
            actorName?: components["schemas"]["ActorName"];
            firstAt: components["schemas"]["Time"];
            lastAt: components["schemas"]["Time"];
            count: number;
        };
        PendingId: string;
        ApprovalRequest: {
            /** @description Kept in the audit log. */
            reason?: string;
        };
        PendingHost: {
            id: components["schemas"]["PendingId"];
            /** @description The name that the host asks for. */
            hostName: components["schemas"]["HostId"];
            /**
             * @description `waiting` for an operator; `approved`, and the host has not come back yet; `rejected`, and remembered.
             * @enum {string}
             */
            state: "waiting" | "approved" | "rejected";
            /** @description SHA-256 of the endorsement key's SubjectPublicKeyInfo, the fingerprint of the TPM. */
            ekDigest: components["schemas"]["Sha256Hex"];
            akName: string;
            /** @description Who vouches for the TPM. Absent where nobody does. */
            endorser?: components["schemas"]["Name"];
            /** @description What the EK certificate says. Absent where nobody vouches for it. */
            tpm?: {
                issuer: components["schemas"]["Text"];
                manufacturer?: components["schemas"]["Text"];
                model?: components["schemas"]["Text"];
                version?: components["schemas"]["Text"];
            };
            joinToken?: components["schemas"]["TokenId"];
            joinTokenName?: components["schemas"]["Name"];
            askedAt: components["schemas"]["Time"];
            lastAskedAt: components["schemas"]["Time"];
            expiresAt: components["schemas"]["Time"];
            decided?: {
                at: components["schemas"]["Time"];
                by: string;
                byName?: components["schemas"]["ActorName"];
                reason: string;
            };
        };
        /** @description `*` stands for any text, `?` for one character. */
        RulePattern: string;
        /** @description Every condition must hold. A condition holds for nothing that is unknown. A denial wins. */
        ApprovalRule: {
            name: components["schemas"]["Name"];
            /** @enum {string} */
            effect: "approve" | "deny";
            when: {
                endorser?: components["schemas"]["RulePattern"];
                ekIssuer?: components["schemas"]["RulePattern"];
                tpmManufacturer?: components["schemas"]["RulePattern"];
                tpmModel?: components["schemas"]["RulePattern"];
                inventoryLabel?: components["schemas"]["RulePattern"];
                joinToken?: components["schemas"]["RulePattern"];
                hostName?: components["schemas"]["RulePattern"];
            };
        };
        /**
         * @example {
         *       "rules": [
         *         {
         *           "name": "rack-3",
         *           "effect": "approve",
         *           "when": {
         *             "tpmManufacturer": "Infineon",
         *             "joinToken": "rack-3"
         *           }
         *         }
         *       ]
         *     }
         */
        RuleTrialRequest: {
            /** @description The rules to try; those in force where absent. */
            rules?: components["schemas"]["ApprovalRule"][];
        };
        RuleTrial: {
            items: {
                id: components["schemas"]["PendingId"];
                hostName: components["schemas"]["HostId"];
                ekDigest: components["schemas"]["Sha256Hex"];
                /** @enum {string} */
                outcome: "approve" | "deny" | "wait";
                rule?: components["schemas"]["Name"];
            }[];
            next?: string;
        };
        PendingHostList: {
            items: components["schemas"]["PendingHost"][];
            next?: string;
        };
        QuarantineId: string;
        /**
         * @example {
         *       "hosts": {
         *         "labels": {
         *           "rack": "3"
         *         }
         *       },
         *       "reason": "CVE-2026-12345 is being exploited",
         *       "expiresInSeconds": 86400
         *     }
         */
        QuarantineRequest: {
            hosts: components["schemas"]["HostSelector"];
            reason: string;
            /** @description When it ends by itself. Absent, it holds until it is lifted. */
            expiresInSeconds?: number;
        };
        /**
         * @example {
         *       "hosts": {
         *         "labels": {
         *           "rack": "3"
         *         }
         *       }
         *     }
         */
        QuarantinePreviewRequest: {
            hosts: components["schemas"]["HostSelector"];
            /** @description Quarantines that are taken to be lifted: what is said of the hosts is what would be said then. */
            lifted?: components["schemas"]["QuarantineId"][];
        };
        /** @description One line of the answer as it is made. */
        QuarantinePreviewLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["QuarantinePreview"];
            problem?: components["schemas"]["Problem"];
        };
        QuarantinePreview: {
            selected: number;
            /** @description How many of them are trusted, by their verdict, a hold or break-glass: now, and would no longer be; with `lifted`, then. */
            trusted: number;
            /** @description The first thousand, in the order of their ids. */
            items: {
                host: components["schemas"]["HostId"];
                state: components["schemas"]["HostState"];
                status: components["schemas"]["Status"];
                verdictExpiresAt?: components["schemas"]["Time"];
                held?: components["schemas"]["Held"];
                breakGlass?: components["schemas"]["BreakGlassGrant"];
                /**
                 * @description Present where the quarantine is refused for this host, unless it is included.
                 * @constant
                 */
                protected?: true;
            }[];
        };
        Quarantine: {
            id: components["schemas"]["QuarantineId"];
            /** @enum {string} */
            state: "in-force" | "ended" | "lifted";
            hosts: components["schemas"]["HostSelector"];
            reason: string;
            createdAt: components["schemas"]["Time"];
            createdBy: string;
            createdByName?: components["schemas"]["ActorName"];
            until?: components["schemas"]["Time"];
            lifted?: {
                at: components["schemas"]["Time"];
                by: string;
                byName?: components["schemas"]["ActorName"];
                reason: string;
            };
            /** @description How many hosts it selected when it was opened; said once, by the answer that opens it. */
            selected?: number;
        };
        /** @description One line of the answer as it is made. */
        QuarantineLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["Quarantine"];
            problem?: components["schemas"]["Problem"];
        };
        QuarantineList: {
            items: components["schemas"]["Quarantine"][];
            next?: string;
        };
        RevocationRequest: {
            reason: string;
            cve?: string;
        };
        CaptureRequest: {
            layers?: components["schemas"]["Layer"][];
        };
        Capture: {
            host: components["schemas"]["HostId"];
            /** @description Layers that cannot be captured, because a log does not explain a PCR of theirs. */
            gaps: {
                layer: components["schemas"]["Layer"];
                pcr: number;
                /** @enum {string} */
                status: "mismatch" | "unlogged";
            }[];
            statements: {
                layer: components["schemas"]["Layer"];
                goldenId: components["schemas"]["GoldenId"];
                payloadType: string;
                /** @description The in-toto Statement, exactly the bytes to sign (over their DSSE pre-authentication encoding). */
                payload: string;
                /** @description False when a golden measurement in force already matches this layer of the host. */
                isNew: boolean;
                nearest?: components["schemas"]["Nearest"];
                bringsBack?: components["schemas"]["BringsBack"];
            }[];
        };
        /** @description The golden measurement in force that comes nearest to a new layer, and where the boot first leaves it. */
        Nearest: {
            goldenId: components["schemas"]["GoldenId"];
            pcr: number;
            event?: number;
            expected?: components["schemas"]["DivergenceSide"];
            observed?: components["schemas"]["DivergenceSide"];
            /** @description What it probably was. */
            explanation: components["schemas"]["Text"];
        };
        DivergenceSide: {
            digest: string;
            description: components["schemas"]["Text"];
        };
        EnvelopeSignature: {
            /** @description base64url of the SHA-256 of the signer's SubjectPublicKeyInfo. A hint only. */
            keyid?: string;
            sig: string;
        };
        DsseEnvelope: {
            payloadType: string;
            payload: string;
            signatures: components["schemas"]["EnvelopeSignature"][];
        };
        GoldenProposal: {
            envelope: components["schemas"]["DsseEnvelope"];
        };
        /** @enum {string} */
        GoldenState: "proposed" | "active" | "retired" | "revoked";
        GoldenMeasurement: {
            id: components["schemas"]["GoldenId"];
            layer: components["schemas"]["Layer"];
            name: string;
            description?: components["schemas"]["Text"];
            /** @description What people tell it from others of its layer by, of all that it expects: of a kernel the image that was started, of a kernel command line that line, of Secure Boot dbx, of files how many and the digest of all that it expects. Absent where it expects nothing that tells it apart, and where it cannot be read. */
            landmark?: {
                pcr: number;
                /** @description In the words of the log; signed with the rest. */
                description: string;
                digest: string;
            };
            state: components["schemas"]["GoldenState"];
            /** @description Whether the boots of all hosts match it now. It is active, enough of today's signers have signed it, it is valid, and no rollout keeps it back. */
            inForce: boolean;
            /** @description The rollout that keeps it from hosts. While it is `running`, those of its opened stages match it. */
            keptBack?: {
                rollout: components["schemas"]["PolicyId"];
                /** @enum {string} */
                state: "running" | "rolled-back";
            };
            notBefore?: components["schemas"]["Time"];
            notAfter?: components["schemas"]["Time"];
            supersedes?: components["schemas"]["GoldenId"];
            /** @description The one in force that names it as its predecessor. Both match until this one is retired or ends. */
            supersededBy?: components["schemas"]["GoldenId"];
            signatures: {
                keyid: string;
                signer: components["schemas"]["Name"];
            }[];
            /** @description How many distinct signers make it active. */
            quorum: number;
            proposedAt: components["schemas"]["Time"];
            activatedAt?: components["schemas"]["Time"];
            endedAt?: components["schemas"]["Time"];
            endReason?: string;
            /** @description The actor who retired or revoked it; absent where that was before it was kept. */
            endedBy?: string;
            endedByName?: components["schemas"]["ActorName"];
            cve?: string;
            /** @description Revoked golden measurements whose boots its signers accept again, and why. */
            acceptsRevoked?: {
                id: components["schemas"]["GoldenId"];
                reason: string;
            }[];
            bringsBack?: components["schemas"]["BringsBack"];
            /** @description Of a revoked one, approved ones that accept the same boots. They stay in force until they are revoked too. */
            broughtBackBy?: components["schemas"]["GoldenId"][];
            envelope?: components["schemas"]["DsseEnvelope"];
        };
        /** @description Revoked and rolled-back golden measurements whose boots this one accepts, or may accept. Absent where there is none. */
        BringsBack: {
            golden: components["schemas"]["GoldenStanding"];
            /** @description False where the statements do not tell: they have no bank in common, one pins a register where the other lists events, or only a part of the files is the same. */
            isCertain: boolean;
            /** @description Why its signers accept it again. Without it, what brings back a revoked one for certain is refused. */
            acceptedBecause?: string;
        }[];
        /** @description A golden measurement that is not in force, and how it came to be so. */
        GoldenStanding: {
            id: components["schemas"]["GoldenId"];
            /** @enum {string} */
            state: "revoked" | "rolled-back" | "retired" | "expired" | "staged" | "not-yet" | "proposed";
            /** @description All of it in words. */
            message: string;
            /** @description When it came to be so; of `not-yet`, when it begins. */
            at?: components["schemas"]["Time"];
            /** @description The actor who ended it. */
            by?: string;
            byName?: components["schemas"]["ActorName"];
            reason?: string;
            cve?: string;
            /** @description The rollout that keeps it back. */
            rollout?: components["schemas"]["PolicyId"];
        };
        /** @description One line of the answer as it is made. */
        GoldenMeasurementLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["GoldenMeasurement"];
            problem?: components["schemas"]["Problem"];
        };
        GoldenMeasurementList: {
            items: components["schemas"]["GoldenMeasurement"][];
            next?: string;
        };
        PolicyVersion: {
            id: components["schemas"]["PolicyId"];
            version: number;
        };
        Explanation: {
            host: components["schemas"]["HostId"];
            status: components["schemas"]["Status"];
            /** @description Why the status is not the one of the last verdict. */
            reasons: components["schemas"]["Reason"][];
            held?: components["schemas"]["Held"];
            breakGlass?: components["schemas"]["BreakGlassGrant"];
            /** @description What the last verdict judged by. */
            policy?: components["schemas"]["PolicyVersion"];
            /** @description The last verdict that trusted this very boot, where the last one does not: nothing on the host changed in between, but what is said of it. As far back as verdicts are kept. */
            trustedBefore?: {
                issuedAt: components["schemas"]["Time"];
                policy?: components["schemas"]["PolicyVersion"];
            };
            /** @description What the next attestation of this boot finds by what is in force now, where that is something else than what the last verdict says. */
            next?: {
                status: components["schemas"]["Status"];
                reason?: components["schemas"]["Finding"];
                /** @description When the host was asked to come, or is overdue since. */
                dueAt?: components["schemas"]["Time"];
            };
            findings: components["schemas"]["ExplainedFinding"][];
        };
        ExplainedFinding: {
            finding: components["schemas"]["Finding"];
            /** @description When the first of the unbroken row of verdicts with this finding was issued. */
            since: components["schemas"]["Time"];
            /** @description False when the row reaches back to the oldest verdict that is kept, so that it may be longer. */
            isSinceKnown: boolean;
            /** @description How many other hosts show the same in their last verdict. */
            others: number;
            hosts: components["schemas"]["NamedHosts"];
            /** @description The golden measurement that is not in force and that the layer of this boot is, or comes nearer to than to any that is in force. The remedy of the finding is then the one for its state. */
            nearest?: {
                golden: components["schemas"]["GoldenStanding"];
                /** @description Whether this boot is exactly what it describes. */
                isExact: boolean;
                /** @description Where it is not, what the difference probably was. */
                explanation?: components["schemas"]["Text"];
            };
        };
        DenyListName: string;
        /** @description One line of the answer as it is made. */
        DenyListLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["DenyList"];
            problem?: components["schemas"]["Problem"];
        };
        DenyListImport: {
            envelope: components["schemas"]["DsseEnvelope"];
        };
        /** @description The list itself, whether somebody signed it or not. */
        DenyListPayload: string;
        DenyList: {
            name: components["schemas"]["DenyListName"];
            /** @description It only rises. */
            version: number;
            /** @description SHA-256 of the signed payload. */
            digest: string;
            /** @enum {string} */
            state: "in-force" | "removed";
            issuedAt: components["schemas"]["Time"];
            nextIssue?: components["schemas"]["Time"];
            /** @description The next issue is due. The list goes on denying. */
            overdue: boolean;
            entries: number;
            storedAt: components["schemas"]["Time"];
            storedBy: string;
            storedByName?: components["schemas"]["ActorName"];
            removed?: {
                at: components["schemas"]["Time"];
                by: string;
                byName?: components["schemas"]["ActorName"];
                reason: string;
            };
            /** @description In the answer to an import, how many hosts lost their verdict by it. */
            hosts?: number;
        };
        DenyLists: {
            items: components["schemas"]["DenyList"][];
        };
        DenyEntry: {
            id: string;
            reason: string;
            cves: string[];
            source?: string;
            until?: components["schemas"]["Time"];
            /** @enum {string} */
            kind: "measurement" | "certificate" | "endorsement" | "sbat" | "firmware-version" | "golden" | "golden-subject";
            /** @description What is denied, in one line. */
            what: string;
        };
        DenyListPage: {
            list: components["schemas"]["DenyList"];
            items: components["schemas"]["DenyEntry"][];
            next?: string;
        };
        /** @description Exactly one of a list that nobody need have signed, and the name of one that was imported. */
        DeniedHostsRequest: {
            list?: components["schemas"]["DenyListPayload"];
            name?: components["schemas"]["DenyListName"];
            /** @description The last host already seen. */
            after?: string;
            /** @default 100 */
            limit?: number;
        };
        /** @description One line of the answer as it is made. */
        DeniedHostsLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["DeniedHosts"];
            problem?: components["schemas"]["Problem"];
        };
        DeniedHosts: {
            at: components["schemas"]["Time"];
            /** @description Active hosts. */
            hosts: number;
            /** @description Those that the list holds something against. */
            denied: number;
            /** @description By entry and what was observed, the largest first. A host is in each that holds for it. */
            groups: {
                count: number;
                finding: components["schemas"]["Finding"];
                hosts: components["schemas"]["NamedHosts"];
            }[];
            /** @description Groups that are not shown. */
            furtherGroups: number;
            items: {
                host: components["schemas"]["HostId"];
                findings: components["schemas"]["Finding"][];
                /**
                 * @description Present where the list is refused for this host, unless it is included.
                 * @constant
                 */
                protected?: true;
            }[];
            next?: string;
            /** @description Hosts nothing can be said of, by reason. */
            unread: {
                /** @enum {string} */
                code: "HOST_EVIDENCE_NONE" | "HOST_UNREADABLE" | "BOOT_ROLLED_BACK" | "SERVER_INTERNAL";
                count: number;
                hosts: components["schemas"]["NamedHosts"];
            }[];
        };
        /** @description A change nobody has made yet. At least one part of it, or a later time alone. */
        WhatIfRequest: {
            /** @description Golden measurements that would be active, as if a quorum had signed them. */
            activate?: {
                /** @description The in-toto Statement. */
                statement?: string;
                goldenId?: components["schemas"]["GoldenId"];
            }[];
            retire?: components["schemas"]["GoldenId"][];
            /** @description As `retire` for the appraisal. Revoked in earnest, verdicts that rest on them end at once. */
            revoke?: components["schemas"]["GoldenId"][];
            /** @description Policies as they would be written next. */
            policies?: {
                id: components["schemas"]["PolicyId"];
                policy: components["schemas"]["PolicyRequest"];
            }[];
            /** @description Deny lists that would be in force, each in the place of the one of its name. */
            deny?: components["schemas"]["DenyListPayload"][];
            /** @description Trust anchors that would vouch for nobody any more. */
            withdrawAnchors?: components["schemas"]["Sha256Hex"][];
            /** @description Ids of revocation lists that would be no more. */
            removeRevocationLists?: components["schemas"]["Sha256Hex"][];
            /** @description Ids of keys that would count no more. Golden measurements that have too few signatures then are out of force. */
            removeSigners?: string[];
            /** @description Only hosts that carry all of these. */
            labels?: components["schemas"]["Labels"];
            /** @description The moment asked about; now unless told. A later one shows what expires until then. */
            at?: components["schemas"]["Time"];
        };
        WhatIf: {
            at: components["schemas"]["Time"];
            /** @description Active hosts that were asked about. */
            hosts: number;
            lost: number;
            gained: number;
            stillRefused: number;
            stillTrusted: number;
            /** @description Hosts that the change treats alike, for the same first reason. Losses first, large groups first. */
            groups: components["schemas"]["WhatIfGroup"][];
            /** @description Groups that are not shown. */
            furtherGroups: number;
            /** @description Hosts nothing can be said of, by reason. */
            unknown: {
                /** @enum {string} */
                code: "HOST_EVIDENCE_NONE" | "HOST_UNREADABLE" | "BOOT_ROLLED_BACK" | "SERVER_INTERNAL";
                count: number;
                hosts: components["schemas"]["NamedHosts"];
            }[];
            /** @description Hosts that the configuration protects and that the change would lose, the first hundred. */
            protectedLosses: components["schemas"]["ProtectedLoss"][];
            /** @description Absent where a part of the fleet was asked about. */
            lockout?: components["schemas"]["WhatIfLockout"];
            /** @description Policies of the change, and how many of the hosts fall under each. A more specific one takes hosts from it. */
            policies: {
                id: components["schemas"]["PolicyId"];
                hosts: number;
            }[];
            /** @description Golden measurements of the change that accept again what was revoked or rolled back. */
            broughtBack: {
                goldenId: components["schemas"]["GoldenId"];
                bringsBack: components["schemas"]["BringsBack"];
            }[];
            /** @description Trust anchors of the change. Verdicts of the hosts that one vouches for end when it is withdrawn, also of those that somebody else vouches for: these have another by their next attestation. Absent where none would be withdrawn. */
            withdrawnAnchors?: {
                anchorId: components["schemas"]["Sha256Hex"];
                name: components["schemas"]["Name"];
                /** @description Hosts that it vouches for. */
                count: number;
                hosts: components["schemas"]["NamedHosts"];
            }[];
            /** @description Golden measurements that would have too few signatures without the keys of the change. Absent where it takes no key away. */
            lapsed?: components["schemas"]["GoldenId"][];
        };
        /** @description A host that the configuration protects and that a change would lose, with the first reason. */
        ProtectedLoss: {
            host: components["schemas"]["HostId"];
            code: string;
            message: string;
            remedy: string;
        };
        /** @description What lockout protection would do if these hosts attested within one window. `few`: too few to begin a hold; `begins`: a hold begins; `in-force`: there is one already; `not-ended`: the last one ran out and no operator ended it, so there is no other; `just-ended`: an operator ended one within the window. */
        WhatIfLockout: {
            /** @enum {string} */
            outcome: "off" | "few" | "begins" | "in-force" | "not-ended" | "just-ended";
            /** @description Hosts that would lose trust by golden measurements or policies alone. */
            holdable: number;
            /** @description Those of them whose last good verdict would be held. */
            held: number;
            until?: components["schemas"]["Time"];
        };
        WhatIfGroup: {
            /** @enum {string} */
            kind: "lost" | "gained" | "still-refused" | "still-trusted";
            count: number;
            hosts: components["schemas"]["NamedHosts"];
            /** @description Why they are refused after the change, or before it where it cures them. */
            reason?: components["schemas"]["Finding"];
            /** @description What the hosts rested on and the change would end, where `reason` is that: nothing about the hosts changed, and nothing else in force matches the layer of what they booted. Several only where several approved what ran, the first sixteen. Absent where anything else is the reason. */
            ended?: components["schemas"]["WhatIfEnding"][];
            /** @description Those of them that are trusted now by their last verdicts, whatever is in force: until their next attestations at most, or until the change ends their verdicts. Absent where none is. */
            trustedNow?: {
                count: number;
                /** @description When the last of these verdicts ends by itself. */
                until: components["schemas"]["Time"];
                /** @description When the last of these hosts was asked to come. */
                dueBy?: components["schemas"]["Time"];
            };
        };
        /** @description A golden measurement that a change would end. `expired`: it would have run out by the time that was asked about; `lapsed`: it would have too few signatures. */
        WhatIfEnding: {
            goldenId: components["schemas"]["GoldenId"];
            layer: components["schemas"]["Layer"];
            name: string;
            /** @enum {string} */
            end: "retired" | "revoked" | "expired" | "lapsed";
        };
        /** @description The first hundred, ascending. */
        NamedHosts: components["schemas"]["HostId"][];
        /** @description One line of the answer as it is made. */
        WhatIfLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["WhatIf"];
            problem?: components["schemas"]["Problem"];
        };
        /** @description Hosts that were looked at, of those there are. */
        FleetProgress: {
            done: number;
            total: number;
        };
        /** @description Hosts that carry all labels and fall into the share; both absent means every host. */
        RolloutStage: {
            labels?: components["schemas"]["Labels"];
            /** @description Percent of the hosts, chosen by a hash of rollout and host id. */
            share?: number;
            /** @description So many hosts of the opened stages must be trusted by verdicts that rest on the golden measurements. */
            minimumHosts: number;
            /**
             * @description How long the stage lasts at least.
             * @default 0
             */
            minimumSeconds?: number;
        };
        /**
         * @example {
         *       "name": "kernel-6.1.0-57",
         *       "goldens": [
         *         "sha256:4f1de9a2b0c5d8f3a6b9c2e5f8a1b4d7e0c3f6a9b2d5e8f1a4b7c0d3e6f9a2b5"
         *       ],
         *       "stages": [
         *         {
         *           "labels": {
         *             "canary": "yes"
         *           },
         *           "minimumHosts": 2,
         *           "minimumSeconds": 3600
         *         },
         *         {
         *           "share": 10,
         *           "minimumHosts": 50,
         *           "minimumSeconds": 86400
         *         }
         *       ]
         *     }
         */
        RolloutRequest: {
            name: components["schemas"]["PolicyId"];
            /** @description One of each layer. No host may rest on them yet. */
            goldens: components["schemas"]["GoldenId"][];
            /** @description Retired when no host rests on them. Those that the golden measurements supersede, unless told. */
            predecessors?: components["schemas"]["GoldenId"][];
            /** @description Opened one after another; all hosts follow the last one. */
            stages: components["schemas"]["RolloutStage"][];
            /**
             * @description Whether operators take each step, or the server does as soon as the evidence allows it.
             * @default operator
             * @enum {string}
             */
            advance?: "operator" | "auto";
        };
        Rollout: {
            name: components["schemas"]["PolicyId"];
            /** @enum {string} */
            state: "running" | "widened" | "completed" | "rolled-back";
            /** @enum {string} */
            advance: "operator" | "auto";
            goldens: components["schemas"]["GoldenId"][];
            predecessors: components["schemas"]["GoldenId"][];
            stages: components["schemas"]["RolloutStage"][];
            /** @description Number of the last stage that is open, from 0. */
            stage: number;
            stageOpenedAt: components["schemas"]["Time"];
            createdAt: components["schemas"]["Time"];
            endedAt?: components["schemas"]["Time"];
            endReason?: string;
            progress?: components["schemas"]["RolloutProgress"];
        };
        RolloutProgress: {
            /** @description Active hosts of the opened stages. */
            hosts: number;
            /** @description Active hosts in each stage or one before it. Fewer than its minimumHosts: it never advances as things are. */
            stageHosts: number[];
            /** @description Of these, trusted by verdicts that rest on the golden measurements. */
            proved: number;
            /** @description Of these, refused by their last verdict. */
            refused: number;
            refusedHosts: components["schemas"]["NamedHosts"];
            /** @description The refused hosts by the reason of their last verdict: those of the rollout first, large groups first, twenty at most. A host that is refused for something else holds the stage up too. */
            refusedFor: {
                /** @description Of the finding. */
                code: string;
                layer?: components["schemas"]["Layer"];
                /** @description Nothing in force matches the layer, and the rollout brings a golden measurement of it. */
                ofRollout: boolean;
                /** @description Of the rollout, by verdicts from before the stage was opened: the next attestation decides. */
                beforeStage: boolean;
                count: number;
                hosts: components["schemas"]["NamedHosts"];
            }[];
            dueAt: components["schemas"]["Time"];
            /** @description Whether the next step can be taken. */
            ready: boolean;
            /** @description Why not: all of it, in sentences for people. */
            obstacles: string[];
        };
        RolloutList: {
            items: components["schemas"]["Rollout"][];
        };
        NextAttestations: {
            at: components["schemas"]["Time"];
            /** @description Hosts that are trusted now: by their verdicts, a hold or break-glass. */
            trusted: components["schemas"]["Returns"];
            /** @description The others. */
            untrusted: components["schemas"]["Returns"];
            /** @description There are more hosts than were looked at. */
            partial: boolean;
        };
        Returns: {
            hosts: number;
            /** @description Of these, asked to come before now, and not there yet. */
            overdue: number;
            /** @description Of these, not asked to come: they have not attested since they enrolled or booted. */
            unasked: number;
            /** @description When the last of the others was asked to come. */
            dueBy?: components["schemas"]["Time"];
            /** @description When the last verdict of hosts that are trusted now ends by itself, or what stands in for it. */
            until?: components["schemas"]["Time"];
        };
        OutlierPage: {
            /** @description Hosts that were compared with each other. */
            hosts: number;
            items: components["schemas"]["Outlier"][];
            /** @description The `after` of the next page; absent on the last. */
            next?: string;
            /** @description Hosts that could not be compared, by reason. */
            unread: {
                code: string;
                count: number;
                hosts: components["schemas"]["NamedHosts"];
            }[];
        };
        Outlier: {
            host: components["schemas"]["HostId"];
            /** @description The rarest first, a hundred at most. */
            measurements: components["schemas"]["RareMeasurement"][];
            /** @description Rare ones that are not shown. */
            furtherMeasurements: number;
        };
        RareMeasurement: {
            /** @description Where the log places the event. Not bound by its digest. */
            layer?: components["schemas"]["Layer"];
            pcr: number;
            /** @description Place in the log; absent where no log leads to the register. */
            event?: number;
            bank: components["schemas"]["Bank"];
            /** @description Of the event, or the value of a register that no log leads to. */
            digest: string;
            /** @description In words; begins with `(unverified)` where the digest does not cover them. */
            description: string;
            /** @description Hosts that have it. */
            seenOn: number;
        };
        SignerRequest: {
            /** @description The person. Two keys of one person count once. */
            name: components["schemas"]["Name"];
            publicKeyPem: string;
            /** @description Which layers this signer may approve. Absent means all. */
            layers?: components["schemas"]["Layer"][];
        };
        Signer: {
            name: components["schemas"]["Name"];
            keyid: string;
            publicKeyPem: string;
            layers?: components["schemas"]["Layer"][];
            createdAt: components["schemas"]["Time"];
        };
        SignerList: {
            items: components["schemas"]["Signer"][];
        };
        SignerRemoval: {
            name: components["schemas"]["Name"];
            keyid: string;
            /** @description Golden measurements that have too few signatures now. */
            lapsed: components["schemas"]["GoldenId"][];
        };
        /** @description One line of the answer as it is made. */
        SignerRemovalLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["SignerRemoval"];
            problem?: components["schemas"]["Problem"];
        };
        /** @description Exactly one of `names`, `labels`, `all`. Of policies the most specific one wins: names before labels before all. Quarantines all hold. */
        HostSelector: {
            names?: components["schemas"]["HostId"][];
            labels?: components["schemas"]["Labels"];
            /** @constant */
            all?: true;
        };
        /** @description Facts of the boot, read from bound events only, and what each must be. See docs/policy.md. */
        RequiredFacts: {
            /**
             * @description UEFI Secure Boot is on.
             * @constant
             */
            secureBoot?: "enabled";
            /** @description Keys are enrolled, so that Secure Boot cannot be changed without them. */
            secureBootMode?: ("user" | "deployed")[];
            /**
             * @description shim checks what it loads.
             * @constant
             */
            mokSbState?: "not-disabled";
            /**
             * @description No debugger can be attached to the firmware.
             * @constant
             */
            debugMode?: "absent";
            /**
             * @description The firmware did not switch off its protection against DMA, nor let every Thunderbolt device in.
             * @constant
             */
            dmaProtection?: "not-disabled";
            /**
             * @description No key whose own text says that it must not be shipped (PKfail).
             * @constant
             */
            testKeys?: "absent";
            /**
             * @description The firmware handed over to the kernel.
             * @constant
             */
            exitBootServices?: "success";
            /**
             * @description The firmware closed PCR 0 to 7 before it ran anything else.
             * @constant
             */
            separators?: "complete";
            /** @description The firmware says that it is one of these versions. */
            firmwareVersion?: string[];
            /** @description shim refuses boot loaders below these generations. */
            sbatLevel?: {
                date?: string;
                generations?: {
                    [key: string]: number;
                };
            };
            /** @description The revocation database holds these digests. */
            dbx?: {
                list?: string;
                mustContain: string[];
            };
            /** @description The keys of Secure Boot are there that must be, and those are not that must not be. */
            signatureDatabases?: {
                PK?: {
                    mustContain?: string[];
                    mustNotContain?: string[];
                };
                KEK?: {
                    mustContain?: string[];
                    mustNotContain?: string[];
                };
                db?: {
                    mustContain?: string[];
                    mustNotContain?: string[];
                };
            };
            /** @description Nothing ran but what one of these certificates, or these digests of images, let run. */
            authorities?: {
                allow: string[];
            };
            /** @description The kernel command line hardens the host, or at least does not weaken it. */
            hardening?: {
                /** @enum {string} */
                iommu?: "on" | "not-off";
                /** @enum {string} */
                "iommu-strict"?: "on" | "not-off";
                /** @enum {string} */
                lockdown?: "on" | "not-off";
                /** @enum {string} */
                "lockdown-confidentiality"?: "on" | "not-off";
                /** @enum {string} */
                mitigations?: "on" | "not-off";
                /** @enum {string} */
                "smt-disabled"?: "on";
                /** @enum {string} */
                kaslr?: "not-off";
                /** @enum {string} */
                "module-signatures"?: "on" | "not-off";
                /** @enum {string} */
                "kexec-disabled"?: "on" | "not-off";
                /** @enum {string} */
                "ima-policy"?: "on" | "not-off";
                /** @enum {string} */
                "ima-hash"?: "on" | "not-off";
                /** @enum {string} */
                "ima-appraisal"?: "on" | "not-off";
                /** @enum {string} */
                "mandatory-access-control"?: "on" | "not-off";
                /** @enum {string} */
                "integrity-of-memory"?: "not-off";
                /** @enum {string} */
                "supervisor-protection"?: "not-off";
                /** @enum {string} */
                "no-debugger"?: "not-off";
                /** @enum {string} */
                "ordinary-start"?: "not-off";
                /** @enum {string} */
                audit?: "on" | "not-off";
                /** @enum {string} */
                "memory-encryption"?: "on" | "not-off";
                /** @enum {string} */
                "no-early-dma"?: "on" | "not-off";
                /** @enum {string} */
                vsyscall?: "on" | "not-off";
            };
            /** @description Words that stand in the kernel command line, and words that do not. */
            kernelCommandLine?: {
                require?: string[];
                forbid?: string[];
            };
        };
        /** @description Expressions in CEL over facts of the boot, each of which must hold. See docs/policy.md. */
        PolicyConditions: {
            name: string;
            expression: string;
            description: string;
            remedy: string;
        }[];
        /** @description How long a verdict lasts. */
        VerdictSeconds: number;
        /**
         * @description `required`: the maker of the machine must have bound it to its TPM. Its list of parts is not checked: nothing measures them.
         * @enum {string}
         */
        PlatformCertificateDemand: "required";
        /**
         * @example {
         *       "layers": [
         *         "firmware",
         *         "secure-boot",
         *         "boot-loader",
         *         "kernel",
         *         "kernel-command-line",
         *         "initrd"
         *       ],
         *       "bank": "sha256",
         *       "verdictSeconds": 3600,
         *       "requireFacts": {
         *         "secureBoot": "enabled"
         *       },
         *       "hosts": {
         *         "all": true
         *       }
         *     }
         */
        PolicyRequest: {
            layers: components["schemas"]["Layer"][];
            /**
             * @default sha256
             * @enum {string}
             */
            bank?: "sha256" | "sha384" | "sha512";
            /** @default 3600 */
            verdictSeconds?: components["schemas"]["VerdictSeconds"];
            requireFacts?: components["schemas"]["RequiredFacts"];
            conditions?: components["schemas"]["PolicyConditions"];
            platformCertificate?: components["schemas"]["PlatformCertificateDemand"];
            description?: string;
            hosts: components["schemas"]["HostSelector"];
        };
        Policy: {
            id: components["schemas"]["PolicyId"];
            version: number;
            layers: components["schemas"]["Layer"][];
            bank: components["schemas"]["Bank"];
            verdictSeconds: number;
            requireFacts?: components["schemas"]["RequiredFacts"];
            conditions?: components["schemas"]["PolicyConditions"];
            platformCertificate?: components["schemas"]["PlatformCertificateDemand"];
            description?: string;
            hosts: components["schemas"]["HostSelector"];
            createdAt: components["schemas"]["Time"];
        };
        /** @description One line of the answer as it is made. */
        PolicyLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["Policy"];
            problem?: components["schemas"]["Problem"];
        };
        PolicyList: {
            items: components["schemas"]["Policy"][];
        };
        TrustAnchorRequest: {
            name: components["schemas"]["Name"];
            pem: string;
            /**
             * @description `virtual` for the root of one environment's software TPMs (swtpm, a cloud). `platform` for the root of a maker of machines: it vouches for platform certificates, and for no TPM.
             * @default vendor
             * @enum {string}
             */
            scope?: "vendor" | "virtual" | "platform";
            /**
             * @description `require`: nobody is endorsed under it without a fresh revocation list of every issuer.
             * @default if-present
             * @enum {string}
             */
            revocation?: "if-present" | "require";
            /**
             * @description Known from now on, and trusted once it is activated.
             * @default false
             */
            staged?: boolean;
        };
        TrustAnchorBundleRequest: {
            envelope: components["schemas"]["DsseEnvelope"];
            /** @description Known from now on, and trusted once an operator activates them. */
            staged?: boolean;
        };
        TrustAnchorBundle: {
            sequence: number;
            /** @description Operators whose signatures counted. */
            signers: string[];
            added: components["schemas"]["TrustAnchor"][];
            /** @description How many of its anchors the server had, trusted, staged or withdrawn. */
            known: number;
        };
        TrustAnchor: {
            /** @description SHA-256 of the certificate. */
            id: components["schemas"]["Sha256Hex"];
            name: components["schemas"]["Name"];
            subject: string;
            /** @enum {string} */
            scope: "vendor" | "virtual" | "platform";
            /** @enum {string} */
            revocation: "if-present" | "require";
            staged: boolean;
            notAfter: components["schemas"]["Time"];
            createdAt: components["schemas"]["Time"];
            /** @description Present when an operator stopped trusting it. */
            withdrawnAt?: components["schemas"]["Time"];
            withdrawnBecause?: components["schemas"]["Text"];
        };
        IntermediateRequest: {
            /** @description Certificates of authorities that lead to a trust anchor. */
            pem: string;
        };
        Intermediate: {
            /** @description SHA-256 of the certificate. */
            id: components["schemas"]["Sha256Hex"];
            subject: string;
            issuer: string;
            keyId?: string;
            notAfter: components["schemas"]["Time"];
            storedAt: components["schemas"]["Time"];
            /** @description Where it was fetched from; absent when an operator gave it. */
            url?: string;
        };
        IntermediateList: {
            items: components["schemas"]["Intermediate"][];
        };
        IntermediateSourceRequest: {
            /** @description Its host must be among `intermediates.fetchHosts` of the configuration. */
            url: string;
            /** @description Only an authority with this key identifier is taken from there. */
            keyId?: string;
            /** @description Only an authority of this name is taken from there, as `missing` spells it. */
            name?: string;
        };
        IntermediateSource: {
            /** @description SHA-256 of the address. */
            id: components["schemas"]["Sha256Hex"];
            url: string;
            keyId?: string;
            name?: string;
            createdAt: components["schemas"]["Time"];
            /** @description When it was asked last. */
            askedAt?: components["schemas"]["Time"];
            /** @description The code of the failure, where it gave nothing. */
            failure?: string;
        };
        AskedIntermediateSource: {
            source: components["schemas"]["IntermediateSource"];
            /** @description What is new by it. */
            items: components["schemas"]["Intermediate"][];
        };
        MissingIntermediate: {
            /** @description The issuer that certificates of TPMs name. Written by whoever sent them. */
            name: string;
            keyId?: string;
            firstAt: components["schemas"]["Time"];
            lastAt: components["schemas"]["Time"];
        };
        Intermediates: {
            items: components["schemas"]["Intermediate"][];
            sources: components["schemas"]["IntermediateSource"][];
            /** @description What hosts miss and nobody has; the last asked for comes first. */
            missing: components["schemas"]["MissingIntermediate"][];
        };
        /** @description One line of the answer as it is made. */
        RolloutLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["Rollout"];
            problem?: components["schemas"]["Problem"];
        };
        RevocationListRemovalRequest: {
            reason: string;
            /** @description When the list was made that is meant. Another one of its issuer, which came meanwhile, is not removed. */
            thisUpdate: components["schemas"]["Time"];
        };
        /** @description One line of the answer as it is made. */
        RemovedRevocationListLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["RevocationList"];
            problem?: components["schemas"]["Problem"];
        };
        RevocationListsRequest: {
            lists: {
                /** @description The list in PEM. */
                list: string;
                /** @description Where the next list is fetched from. Its host must be among `revocation.fetchHosts` of the configuration. */
                url?: string;
            }[];
            /** @description The certificates of their issuers in PEM. They are trusted for nothing else. */
            issuers: string;
        };
        RevocationList: {
            /** @description SHA-256 of the issuer's SubjectPublicKeyInfo; where the issuer splits its list, of that with the issuing distribution point of this part behind it. */
            id: components["schemas"]["Sha256Hex"];
            issuer: string;
            thisUpdate: components["schemas"]["Time"];
            nextUpdate?: components["schemas"]["Time"];
            /** @description It still revokes what it names, and no longer says that the others are good. */
            stale: boolean;
            /** @description How many certificates it revokes. */
            entries: number;
            storedAt: components["schemas"]["Time"];
            url?: string;
            /** @description In the answer to an import, how many hosts lost their endorser by it. */
            hosts?: number;
        };
        RevocationLists: {
            items: components["schemas"]["RevocationList"][];
        };
        /** @description One line of the answer as it is made. */
        ImportedRevocationListsLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["ImportedRevocationLists"];
            problem?: components["schemas"]["Problem"];
        };
        ImportedRevocationLists: {
            /** @description In the order of the request. */
            items: {
                list?: components["schemas"]["RevocationList"];
                problem?: components["schemas"]["Problem"];
            }[];
        };
        /** @description One line of the answer as it is made. */
        RevocationListPreviewsLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["RevocationListPreviews"];
            problem?: components["schemas"]["Problem"];
        };
        RevocationListPreviews: {
            /** @description In the order of the request. */
            items: {
                preview?: components["schemas"]["RevocationListPreview"];
                problem?: components["schemas"]["Problem"];
            }[];
        };
        RevocationListPreview: {
            /** @description SHA-256 of the issuer's SubjectPublicKeyInfo; where the issuer splits its list, of that with the issuing distribution point of this part behind it. */
            id: components["schemas"]["Sha256Hex"];
            issuer: string;
            thisUpdate: components["schemas"]["Time"];
            nextUpdate?: components["schemas"]["Time"];
            /** @description When the list of this id was made that it would take the place of. Absent where there is none. */
            replaces?: components["schemas"]["Time"];
            /** @description It revokes what it names, and does not say that the others are good. */
            stale: boolean;
            /** @description How many hosts would be denied by their next attestation because it is stale, and are not for that reason now. 0 for one that is not stale. */
            denied: number;
            /** @description How many certificates it revokes. */
            entries: number;
            /** @description How many of them the stored list does not revoke. */
            addedCount: number;
            /** @description The first hundred of those. */
            added: components["schemas"]["RevokedCertificate"][];
            /** @description How many certificates the stored list revokes, and this one does not. */
            droppedCount: number;
            /** @description The first hundred of those. */
            dropped: components["schemas"]["RevokedCertificate"][];
            /** @description How many hosts would lose their endorser. The verdict of each ends with the import. */
            hosts: number;
            /** @description How many of them are trusted now, by their verdict, a hold or break-glass. */
            trusted: number;
            /** @description The first thousand, in the order of their ids. */
            items: {
                host: components["schemas"]["HostId"];
                state: components["schemas"]["HostState"];
                status: components["schemas"]["Status"];
                verdictExpiresAt?: components["schemas"]["Time"];
                held?: components["schemas"]["Held"];
                breakGlass?: components["schemas"]["BreakGlassGrant"];
                /** @description The certificate of the host, or above it, that the list revokes. */
                certificate: {
                    subject: string;
                    serial: string;
                };
            }[];
        };
        RevokedCertificate: {
            serial: string;
            revokedAt: components["schemas"]["Time"];
        };
        EndorsementsEnded: {
            /** @description How many hosts it vouched for. Each needs another endorser at its next attestation. */
            hosts: number;
        };
        /** @description One line of the answer as it is made. */
        EndorsementsEndedLine: {
            progress?: components["schemas"]["FleetProgress"];
            result?: components["schemas"]["EndorsementsEnded"];
            problem?: components["schemas"]["Problem"];
        };
        EkRegistration: {
            /** @description Serial number or inventory label of the machine. */
            label: components["schemas"]["Name"];
            /** @description The only name this TPM may enrol under; and no other TPM may enrol under it. */
            hostId?: components["schemas"]["HostId"];
        };
        RegisteredEk: {
            ekDigest: components["schemas"]["Sha256Hex"];
            label: components["schemas"]["Name"];
            hostId?: components["schemas"]["HostId"];
            createdAt: components["schemas"]["Time"];
        };
        RegisteredEkPage: {
            items: components["schemas"]["RegisteredEk"][];
            next?: components["schemas"]["Sha256Hex"];
        };
        TrustAnchorList: {
            items: components["schemas"]["TrustAnchor"][];
        };
        /** @enum {string} */
        TokenRole: "joiner" | "orchestrator" | "operator" | "auditor" | "monitor";
        TokenRequest: {
            name: components["schemas"]["Name"];
            role: components["schemas"]["TokenRole"];
            expiresInSeconds?: number;
            /** @description How many hosts may enrol with it; any number unless told. For role joiner only. */
            enrolments?: number;
        };
        Token: {
            id: components["schemas"]["TokenId"];
            name: components["schemas"]["Name"];
            /** @enum {string} */
            role: "joiner" | "orchestrator" | "operator" | "auditor" | "monitor" | "host";
            hostId?: components["schemas"]["HostId"];
            createdAt: components["schemas"]["Time"];
            expiresAt?: components["schemas"]["Time"];
            revoked: boolean;
            enrolmentsLeft?: number;
        };
        TokenList: {
            items: components["schemas"]["Token"][];
            /** @description Send as `after` for the following page. Absent on the last. */
            next?: string;
        };
        CreatedToken: {
            id: components["schemas"]["TokenId"];
            token: string;
            expiresAt?: components["schemas"]["Time"];
        };
        AuditEntry: {
            sequence: number;
            at: components["schemas"]["Time"];
            /** @description The token, client certificate or enrolled host that acted, or `server`. `stranger` is whoever proved a TPM, asked for the name that is `subject` and was not enrolled by that (older releases wrote `host` and that name). */
            actor: string;
            action: string;
            subject: string;
            details: {
                [key: string]: unknown;
            };
            previousHash: components["schemas"]["Sha256Hex"];
            /** @description SHA-256 of the canonical JSON of the entry without this field. */
            hash: components["schemas"]["Sha256Hex"];
        };
        /** @description What the token of the actor is called. A token keeps its name, and no other has its id. Absent where the actor is no token, and where the token is not known any more. */
        ActorName: string;
        /** @description What the tokens among the actors are called, by actor as the entries have it. It is no part of the entries, and of nothing that is signed. */
        ActorNames: {
            [key: string]: components["schemas"]["ActorName"];
        };
        AuditPage: {
            items: components["schemas"]["AuditEntry"][];
            /** @description Where the next page goes on: its `after`, or its `before` from the newest on. One page looks at 10000 entries, or at all about one `subject`, and ends where its entries are some 4 MiB: there may be fewer items than `limit`, or none, and yet a next page. */
            next?: number;
            actorNames?: components["schemas"]["ActorNames"];
        };
        AuditCheckpoint: {
            /** @description What was signed, byte for byte: a JSON document with `log` (id of the server), `size` (entries), `root` (SHA-256 in hexadecimal, RFC 9162 section 2.1.1; a leaf is the hash of an entry) and `at`. The same as `audit/checkpoint.json` in an evidence bundle. */
            checkpoint: string;
            /** @description JWS in compact form with the payload left out, of type `touchstone-audit-checkpoint`, by a key of /.well-known/jwks.json. The same as `audit/checkpoint.jws` in an evidence bundle. */
            signature: string;
            /** @description Absent without `from`, and where the log does not have as many entries. */
            consistency?: {
                from: number;
                /** @description Consistency proof of RFC 9162 section 2.1.4.1, from the tree of `from` entries to this one. */
                path: components["schemas"]["Sha256Hex"][];
            };
            /** @description Absent without `entry`, and where the log does not have it. */
            inclusion?: {
                entry: number;
                /** @description Inclusion proof of RFC 9162 section 2.1.3.1, from this entry (leaf number `entry` - 1) to the root. */
                path: components["schemas"]["Sha256Hex"][];
            };
        };
        SubscriptionId: string;
        /** @description Place in the sequence of events, which is that of the audit log. */
        Cursor: number;
        /**
         * @description What an event tells of. docs/events.md says which fields each has.
         * @enum {string}
         */
        EventKind: "verdict.changed" | "verdict.voided" | "host.enrolled" | "host.endorsed" | "host.labelled" | "host.quarantined" | "host.quarantine-lifted" | "host.quarantine-ended" | "host.break-glass-begun" | "host.break-glass-ended" | "host.break-glass-expired" | "host.released" | "host.tpm-replaced" | "host.retired" | "host.pending" | "host.approved" | "host.rejected" | "host.pending-expired" | "identity.conflict" | "enrolment.refused" | "quarantine.opened" | "quarantine.lifted" | "quarantine.ended" | "lockout.held" | "lockout.ended" | "break-glass.begun" | "break-glass.ended" | "break-glass.expired" | "deny-list.imported" | "deny-list.removed" | "golden.signed" | "golden.activated" | "golden.retired" | "golden.revoked" | "rollout.started" | "rollout.advanced" | "rollout.widened" | "rollout.paused" | "rollout.resumed" | "rollout.completed" | "rollout.rolled-back" | "policy.written" | "signer.added" | "signer.removed" | "trust-anchor.added" | "trust-anchor.staged" | "trust-anchor-bundle.imported" | "trust-anchor.withdrawn" | "ek.registered" | "ek.unregistered" | "revocation-list.imported" | "revocation-list.removed" | "intermediate.added" | "intermediate.removed" | "intermediate-source.allowed" | "intermediate-source.forgotten" | "attestation-ca.rotated" | "signing-key.created" | "token.created" | "token.revoked" | "subscription.added" | "subscription.removed" | "subscription.paused" | "subscription.replayed" | "subscription.tested";
        /** @description A CloudEvent in JSON; as `data` the fields that docs/events.md lists for its kind. */
        Event: {
            /** @constant */
            specversion: "1.0";
            /** @description Its cursor. */
            id: string;
            source: string;
            /** @description `dev.touchstone.` and the kind. */
            type: string;
            subject: string;
            time: components["schemas"]["Time"];
            /** @constant */
            datacontenttype: "application/json";
            sequence: string;
            data: components["schemas"]["EventData"];
        };
        EventData: {
            [key: string]: string | number | boolean | null | string[];
        };
        OcsfDevice: {
            uid: string;
            name: string;
            type_id: number;
            type: string;
        };
        /** @description An event of OCSF 1.5.0: Device Config State Change (5019) for verdicts, Detection Finding (2004) for what somebody should look into, Entity Management (3004) for the rest. See docs/events.md. */
        OcsfEvent: {
            category_uid: number;
            category_name: string;
            /** @enum {integer} */
            class_uid: 2004 | 3004 | 5019;
            class_name: string;
            activity_id: number;
            activity_name: string;
            type_uid: number;
            type_name: string;
            severity_id: number;
            severity: string;
            status_id?: number;
            status?: string;
            /** @description Milliseconds since 1970. */
            time: number;
            message: string;
            metadata: {
                /** @constant */
                version: "1.5.0";
                product: {
                    name: string;
                    vendor_name: string;
                    uid: string;
                };
                /** @description Its cursor. */
                uid: string;
                sequence: number;
                /** @description Its kind. */
                event_code: string;
            };
            device?: components["schemas"]["OcsfDevice"];
            security_level_id?: number;
            security_level?: string;
            prev_security_level_id?: number;
            prev_security_level?: string;
            finding_info?: {
                uid: string;
                title: string;
            };
            entity?: {
                uid: string;
                type_id: number;
                type: string;
                device?: components["schemas"]["OcsfDevice"];
            };
            actor?: {
                user: {
                    name: string;
                    full_name?: components["schemas"]["ActorName"];
                };
            };
            unmapped: components["schemas"]["EventData"];
        };
        EventPage: {
            /** @description Events, or what `format` asks for. */
            items: (components["schemas"]["Event"] | components["schemas"]["OcsfEvent"])[];
            /** @description The cursor of the next question. */
            next: components["schemas"]["Cursor"];
            /** @description Absent for the role orchestrator. */
            actorNames?: components["schemas"]["ActorNames"];
            /** @description Nothing has happened after `next` yet. */
            end: boolean;
        };
        /**
         * @description What events are told as: CloudEvents (for webhooks unless told), OCSF, or `text`, a line for people, which syslog alone has (and has unless told; datagrams have nothing else).
         * @enum {string}
         */
        EventFormat: "cloudevents" | "ocsf" | "text";
        /**
         * @example {
         *       "url": "https://orchestrator.example/touchstone",
         *       "kinds": [
         *         "verdict.changed",
         *         "verdict.voided",
         *         "host.quarantined"
         *       ],
         *       "labels": {
         *         "rack": "3"
         *       }
         *     }
         */
        SubscriptionRequest: {
            /** @description `https://...`, or `syslog+tls://HOST:PORT`, `syslog+tcp://...`, `syslog+udp://...`. */
            url: string;
            /** @description Only these; all unless told. */
            kinds?: components["schemas"]["EventKind"][];
            /** @description Only events about hosts that have all of these labels. */
            labels?: components["schemas"]["Labels"];
            /**
             * @description Several events in one request of a webhook.
             * @default false
             */
            batch?: boolean;
            format?: components["schemas"]["EventFormat"];
            /** @description Also what happened after this cursor; only what is still to come unless told. */
            after?: components["schemas"]["Cursor"];
        };
        ReplayRequest: {
            /** @description The last cursor that need not be delivered again; where it stopped unless told. */
            after?: components["schemas"]["Cursor"];
        };
        Subscription: {
            id: components["schemas"]["SubscriptionId"];
            url: string;
            /**
             * @description `active`, `failing` since the receiver took nothing, `paused` when it took nothing for too long or said that it is gone.
             * @enum {string}
             */
            state: "active" | "failing" | "paused";
            kinds: components["schemas"]["EventKind"][];
            labels: components["schemas"]["Labels"];
            batch: boolean;
            format: components["schemas"]["EventFormat"];
            /** @description Requests that the receiver allowed. */
            ratePerMinute?: number;
            createdAt: components["schemas"]["Time"];
            createdBy: string;
            createdByName?: components["schemas"]["ActorName"];
            cursor: components["schemas"]["Cursor"];
            /** @description Entries of the audit log after the cursor. Those that are none of its business are counted too. */
            behind: number;
            failingSince?: components["schemas"]["Time"];
            /** @description Why the last delivery failed. */
            failure?: string;
            pausedAt?: components["schemas"]["Time"];
        };
        SubscriptionList: {
            items: components["schemas"]["Subscription"][];
        };
        SubscriptionTest: {
            acknowledged: boolean;
            failure?: string;
        };
        JsonWebKeySet: {
            keys: ({
                kty: string;
                kid: string;
                alg: string;
                /** @constant */
                use: "sig";
            } & {
                [key: string]: unknown;
            })[];
        };
        /**
         * @description `veraison-2023` is what Veraison and its relatives read; `draft-2025` and `draft-2026` follow the IETF draft.
         * @enum {string}
         */
        EarGeneration: "veraison-2023" | "draft-2025" | "draft-2026";
        /**
         * @example {
         *       "alg": "ES256",
         *       "signsInSeconds": 86400,
         *       "reason": "yearly rotation"
         *     }
         */
        SigningKeyRequest: {
            /**
             * @default ES256
             * @enum {string}
             */
            alg?: "ES256" | "EdDSA" | "RS256";
            /**
             * @description How long relying parties have to learn of it. They may keep the key set for five minutes, and some for longer.
             * @default 86400
             */
            signsInSeconds?: number;
            /**
             * @description The keys so far are compromised: they are withdrawn, no token of theirs counts any more, and the new key signs at once.
             * @default false
             */
            withdrawOthers?: boolean;
            reason: string;
        };
        SigningKey: {
            /** @description RFC 7638 thumbprint. */
            kid: string;
            alg: string;
            /** @enum {string} */
            state: "next" | "signing" | "retired";
            signsFrom: components["schemas"]["Time"];
            signsUntil?: components["schemas"]["Time"];
            publishedUntil?: components["schemas"]["Time"];
        };
        SigningKeyList: {
            items: components["schemas"]["SigningKey"][];
        };
        Health: {
            /** @enum {string} */
            status: "ok";
            remembered?: components["schemas"]["Remembered"];
            /**
             * @description The store takes nothing that is written: its disk is full, read-only or failing. What only reads is answered, as verdicts and decisions are; everything else is refused with STORAGE_UNAVAILABLE.
             * @enum {boolean}
             */
            readOnly?: true;
        };
        Problem: {
            /** Format: uri */
            type: string;
            title: string;
            status: number;
            detail?: string;
            /** @description Id of this request, also in the server's log. Of one of several things that were sent together: where it stands in the request. */
            instance: string;
            /** @description Stable; docs/errors.md has its cause and remedy. */
            code: string;
            /** @description Byte offset or path of the offending part of the input. */
            at?: string | number;
            remedy?: string;
            findings?: components["schemas"]["Finding"][];
            /** @description Of CHANGE_LOSES_PROTECTED, the first hundred hosts that the change would lose. */
            protectedHosts?: components["schemas"]["ProtectedLoss"][];
        };
    };
    responses: {
        /** @description What went wrong, as RFC 9457. */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        HostId: components["schemas"]["HostId"];
        EnrollmentId: components["schemas"]["EnrollmentId"];
        PendingId: components["schemas"]["PendingId"];
        DenyListName: components["schemas"]["DenyListName"];
        BreakGlassId: components["schemas"]["BreakGlassId"];
        GoldenId: components["schemas"]["GoldenId"];
        RolloutName: components["schemas"]["PolicyId"];
        SubscriptionId: components["schemas"]["SubscriptionId"];
        /** @description Refuse the change when more hosts than this would gain or lose trust by it. */
        MaxFlips: number;
        /** @description Make the change although hosts lose trust by it that the configuration protects (`lockout.protected`). Without it, the change is refused with CHANGE_LOSES_PROTECTED and names them. */
        IncludeProtected: boolean;
        /** @description Id of the last item already seen. */
        After: string;
        /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
        Limit: number;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    createEnrollment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EnrollmentRequest"];
            };
        };
        responses: {
            /** @description A secret that only this TPM can open, for this attestation key only. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrollmentChallenge"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    activateEnrollment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                enrollmentId: components["parameters"]["EnrollmentId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ActivationRequest"];
            };
        };
        responses: {
            /** @description The host is enrolled. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Activation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listHosts: {
        parameters: {
            query?: {
                /** @description Only the host that has this TPM, whatever its state. SHA-256 of the SubjectPublicKeyInfo of the endorsement key. */
                ekDigest?: components["schemas"]["Sha256Hex"];
                /** @description Id of the last item already seen. */
                after?: components["parameters"]["After"];
                /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listOutliers: {
        parameters: {
            query?: {
                /** @description A measurement counts as rare when at most so many hosts have it. */
                atMost?: number;
                /** @description Only hosts that carry these labels, `name=value` with commas between, are looked at and compared. */
                labels?: string;
                /** @description Id of the last item already seen. */
                after?: components["parameters"]["After"];
                /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Hosts with rare measurements, by id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutlierPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getNextAttestations: {
        parameters: {
            query?: {
                /** @description Only hosts that fall under this policy. */
                policy?: components["schemas"]["PolicyId"];
                /** @description Only hosts of the stages that these rollouts have opened, also where they were rolled back since; of those that have reached all hosts, all. Names, with commas between them. */
                rollouts?: string;
                /** @description Of the hosts of `rollouts`, only those that the last step of one reached: those of its stages before had it already. The end of the predecessors reaches none. */
                lastStep?: boolean;
                /** @description Only hosts whose policy demands one of these layers: no other feels a golden measurement of them. With commas between them. */
                layers?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Of the active hosts, twenty thousand of them at most. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NextAttestations"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The host. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Host"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setHostLabels: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LabelsRequest"];
            };
        };
        responses: {
            /** @description The host. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Host"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    releaseHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description The host, released. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Host"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaceTpm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplacementRequest"];
            };
        };
        responses: {
            /** @description The host, which waits for its new TPM. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Host"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    retireHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description The host, retired. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Host"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listIdentityConflicts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conflicts. A thousand at most are kept. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityConflictList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listPendingHosts: {
        parameters: {
            query?: {
                /** @description Id of the last item already seen. */
                after?: components["parameters"]["After"];
                /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page, in order of their id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PendingHostList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    tryApprovalRules: {
        parameters: {
            query?: {
                /** @description Id of the last item already seen. */
                after?: components["parameters"]["After"];
                /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RuleTrialRequest"];
            };
        };
        responses: {
            /** @description One page, in order of their id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleTrial"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    approvePendingHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pendingId: components["parameters"]["PendingId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalRequest"];
            };
        };
        responses: {
            /** @description Approved. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PendingHost"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    rejectPendingHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                pendingId: components["parameters"]["PendingId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description Rejected. Remembered for `enrolment.queueHours`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PendingHost"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listQuarantines: {
        parameters: {
            query?: {
                /** @description Id of the last item already seen. */
                after?: components["parameters"]["After"];
                /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page, in order of their id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantineList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createQuarantine: {
        parameters: {
            query?: {
                /** @description Make the change although hosts lose trust by it that the configuration protects (`lockout.protected`). Without it, the change is refused with CHANGE_LOSES_PROTECTED and names them. */
                includeProtected?: components["parameters"]["IncludeProtected"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuarantineRequest"];
            };
        };
        responses: {
            /** @description Under way; the last line says what became of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["QuarantineLine"];
                };
            };
            /** @description In force. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Quarantine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    previewQuarantine: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QuarantinePreviewRequest"];
            };
        };
        responses: {
            /** @description The hosts that are selected now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantinePreview"];
                    "application/x-ndjson": components["schemas"]["QuarantinePreviewLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    liftQuarantine: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                quarantineId: components["schemas"]["QuarantineId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description The quarantine, lifted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Quarantine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createChallenge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChallengeRequest"];
            };
        };
        responses: {
            /** @description Single use, short-lived, bound to this host and its attestation key. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Challenge"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createAttestation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AttestationRequest"];
                "application/cbor": components["schemas"]["AttestationRequest"];
            };
        };
        responses: {
            /** @description The verdict. */
            200: {
                headers: {
                    /** @description When to attest again, in seconds from now. */
                    "Touchstone-Next-Attestation-Seconds"?: number;
                    /** @description Where the answer is a token: `nextChallenge` of the JSON answer, its JSON in base64url. Absent where the host has to ask for a challenge. */
                    "Touchstone-Next-Challenge"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttestationResult"];
                    "application/eat+jwt": string;
                    "application/eat+cwt": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getVerdict: {
        parameters: {
            query?: {
                /** @description Seconds to wait for another answer than the one that If-None-Match names. */
                wait?: number;
                /** @description Which generation of EAR the token follows. `tokens.generation` of the configuration unless told. */
                generation?: components["schemas"]["EarGeneration"];
                /** @description Whom the token is for. Without it, anyone may be shown it. */
                audience?: string;
                /** @description The relying party's own nonce, 8 to 64 bytes in base64url. It comes back in the token, whose time it proves. */
                nonce?: string;
            };
            header?: {
                "If-None-Match"?: string;
            };
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The verdict. */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostVerdict"];
                    "application/eat+jwt": string;
                    "application/eat+cwt": string;
                };
            };
            /** @description Nothing changed since the ETag that was sent. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    getEvidence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The evidence. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredEvidence"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    exportHost: {
        parameters: {
            query?: {
                /** @description The beginning of the `evidenceDigest` of a verdict. */
                verdict?: string;
                /** @description The last verdict that was given by then. */
                at?: components["schemas"]["Time"];
            };
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bundle. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-tar": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    explainHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Each finding of the last verdict that denies or warns, with its history and its company. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createCapture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hostId: components["parameters"]["HostId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CaptureRequest"];
            };
        };
        responses: {
            /** @description One unsigned statement per layer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Capture"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createAdmissionDecision: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdmissionRequest"];
            };
        };
        responses: {
            /** @description The decision, and the same as a signed token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdmissionDecision"];
                    "text/plain": components["schemas"]["PlainDecision"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createAdmissionBatch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdmissionBatchRequest"];
            };
        };
        responses: {
            /** @description The decisions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdmissionBatch"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    reviewKubernetesAdmission: {
        parameters: {
            query?: {
                /** @description The API server says how long it waits. */
                timeout?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KubernetesReview"];
            };
        };
        responses: {
            /** @description The review, answered. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KubernetesReviewAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    filterKubernetesNodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KubernetesExtenderArgs"];
            };
        };
        responses: {
            /** @description The nodes where the pod may run, and why not on the others. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KubernetesFilterResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    prioritizeKubernetesNodes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KubernetesExtenderArgs"];
            };
        };
        responses: {
            /** @description A score for each node. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KubernetesHostPriority"][];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listGoldenMeasurements: {
        parameters: {
            query?: {
                /** @description Id of the last item already seen. */
                after?: components["parameters"]["After"];
                /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page, in order of their id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldenMeasurementList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    proposeGoldenMeasurement: {
        parameters: {
            query?: {
                /** @description Refuse the change when more hosts than this would gain or lose trust by it. */
                maxFlips?: components["parameters"]["MaxFlips"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GoldenProposal"];
            };
        };
        responses: {
            /** @description Under way; the last line says what became of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["GoldenMeasurementLine"];
                };
            };
            /** @description Stored. Active only when a quorum of distinct signers has signed. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldenMeasurement"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getGoldenMeasurement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                goldenId: components["parameters"]["GoldenId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The golden measurement. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldenMeasurement"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    signGoldenMeasurement: {
        parameters: {
            query?: {
                /** @description Refuse the change when more hosts than this would gain or lose trust by it. */
                maxFlips?: components["parameters"]["MaxFlips"];
            };
            header?: never;
            path: {
                goldenId: components["parameters"]["GoldenId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EnvelopeSignature"];
            };
        };
        responses: {
            /** @description The golden measurement. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldenMeasurement"];
                    "application/x-ndjson": components["schemas"]["GoldenMeasurementLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    retireGoldenMeasurement: {
        parameters: {
            query?: {
                /** @description Refuse the change when more hosts than this would gain or lose trust by it. */
                maxFlips?: components["parameters"]["MaxFlips"];
                /** @description Make the change although hosts lose trust by it that the configuration protects (`lockout.protected`). Without it, the change is refused with CHANGE_LOSES_PROTECTED and names them. */
                includeProtected?: components["parameters"]["IncludeProtected"];
            };
            header?: never;
            path: {
                goldenId: components["parameters"]["GoldenId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description The golden measurement. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldenMeasurement"];
                    "application/x-ndjson": components["schemas"]["GoldenMeasurementLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    revokeGoldenMeasurement: {
        parameters: {
            query?: {
                /** @description Refuse the change when more hosts than this would gain or lose trust by it. */
                maxFlips?: components["parameters"]["MaxFlips"];
                /** @description Make the change although hosts lose trust by it that the configuration protects (`lockout.protected`). Without it, the change is refused with CHANGE_LOSES_PROTECTED and names them. */
                includeProtected?: components["parameters"]["IncludeProtected"];
            };
            header?: never;
            path: {
                goldenId: components["parameters"]["GoldenId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevocationRequest"];
            };
        };
        responses: {
            /** @description The golden measurement. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldenMeasurement"];
                    "application/x-ndjson": components["schemas"]["GoldenMeasurementLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRollouts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, without their progress. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RolloutList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    startRollout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RolloutRequest"];
            };
        };
        responses: {
            /** @description The rollout, its first stage open. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getRollout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rolloutName: components["parameters"]["RolloutName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rollout. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    advanceRollout: {
        parameters: {
            query?: {
                /** @description Refuse the change when more hosts than this would gain or lose trust by it. */
                maxFlips?: components["parameters"]["MaxFlips"];
            };
            header?: never;
            path: {
                rolloutName: components["parameters"]["RolloutName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rollout as it stands now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                    "application/x-ndjson": components["schemas"]["RolloutLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    pauseRollout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rolloutName: components["parameters"]["RolloutName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description The rollout as it stands now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    resumeRollout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rolloutName: components["parameters"]["RolloutName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description The rollout as it stands now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    rollBackRollout: {
        parameters: {
            query?: {
                /** @description Refuse the change when more hosts than this would gain or lose trust by it. */
                maxFlips?: components["parameters"]["MaxFlips"];
            };
            header?: never;
            path: {
                rolloutName: components["parameters"]["RolloutName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description The rollout, ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                    "application/x-ndjson": components["schemas"]["RolloutLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSigners: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The signers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignerList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createSigner: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignerRequest"];
            };
        };
        responses: {
            /** @description The signer. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Signer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeSigner: {
        parameters: {
            query?: {
                /** @description Refuse the change when more hosts than this would gain or lose trust by it. */
                maxFlips?: components["parameters"]["MaxFlips"];
                /** @description Make the change although hosts lose trust by it that the configuration protects (`lockout.protected`). Without it, the change is refused with CHANGE_LOSES_PROTECTED and names them. */
                includeProtected?: components["parameters"]["IncludeProtected"];
            };
            header?: never;
            path: {
                keyid: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description It is taken away. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignerRemoval"];
                    "application/x-ndjson": components["schemas"]["SignerRemovalLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listDenyLists: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, by name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DenyLists"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    importDenyList: {
        parameters: {
            query?: {
                /** @description Refuse the change when more hosts than this would gain or lose trust by it. */
                maxFlips?: components["parameters"]["MaxFlips"];
                /** @description Make the change although hosts lose trust by it that the configuration protects (`lockout.protected`). Without it, the change is refused with CHANGE_LOSES_PROTECTED and names them. */
                includeProtected?: components["parameters"]["IncludeProtected"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DenyListImport"];
            };
        };
        responses: {
            /** @description Under way; the last line says what became of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["DenyListLine"];
                };
            };
            /** @description In force. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DenyList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getDenyList: {
        parameters: {
            query?: {
                /** @description Id of the last item already seen. */
                after?: components["parameters"]["After"];
                /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path: {
                denyListName: components["parameters"]["DenyListName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of its entries, in order of their id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DenyListPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeDenyList: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                denyListName: components["parameters"]["DenyListName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description The deny list, removed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DenyList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    findDeniedHosts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeniedHostsRequest"];
            };
        };
        responses: {
            /** @description One page of hosts in order of their id, and counts over all of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeniedHosts"];
                    "application/x-ndjson": components["schemas"]["DeniedHostsLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    askWhatIf: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WhatIfRequest"];
            };
        };
        responses: {
            /** @description What the change would do. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhatIf"];
                    "application/x-ndjson": components["schemas"]["WhatIfLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listPolicies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policies. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                policyId: components["schemas"]["PolicyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policy. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    putPolicy: {
        parameters: {
            query?: {
                /** @description Refuse the change when more hosts than this would gain or lose trust by it. */
                maxFlips?: components["parameters"]["MaxFlips"];
                /** @description Make the change although hosts lose trust by it that the configuration protects (`lockout.protected`). Without it, the change is refused with CHANGE_LOSES_PROTECTED and names them. */
                includeProtected?: components["parameters"]["IncludeProtected"];
            };
            header?: never;
            path: {
                policyId: components["schemas"]["PolicyId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyRequest"];
            };
        };
        responses: {
            /** @description The policy as it stands from now on. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                    "application/x-ndjson": components["schemas"]["PolicyLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listTrustAnchors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The trust anchors. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrustAnchorList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createTrustAnchor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrustAnchorRequest"];
            };
        };
        responses: {
            /** @description The trust anchor. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrustAnchor"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    importTrustAnchorBundle: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrustAnchorBundleRequest"];
            };
        };
        responses: {
            /** @description It is imported. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrustAnchorBundle"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    withdrawTrustAnchor: {
        parameters: {
            query?: {
                /** @description Make the change although hosts lose trust by it that the configuration protects (`lockout.protected`). Without it, the change is refused with CHANGE_LOSES_PROTECTED and names them. */
                includeProtected?: components["parameters"]["IncludeProtected"];
            };
            header?: never;
            path: {
                anchorId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description Withdrawn. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndorsementsEnded"];
                    "application/x-ndjson": components["schemas"]["EndorsementsEndedLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    activateTrustAnchor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                anchorId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is trusted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listRevocationLists: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lists. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevocationLists"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    importRevocationLists: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevocationListsRequest"];
            };
        };
        responses: {
            /** @description What became of each list. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportedRevocationLists"];
                    "application/x-ndjson": components["schemas"]["ImportedRevocationListsLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeRevocationList: {
        parameters: {
            query?: {
                /** @description Make the change although hosts lose trust by it that the configuration protects (`lockout.protected`). Without it, the change is refused with CHANGE_LOSES_PROTECTED and names them. */
                includeProtected?: components["parameters"]["IncludeProtected"];
            };
            header?: never;
            path: {
                revocationListId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevocationListRemovalRequest"];
            };
        };
        responses: {
            /** @description The list, which is removed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevocationList"];
                    "application/x-ndjson": components["schemas"]["RemovedRevocationListLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    previewRevocationLists: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevocationListsRequest"];
            };
        };
        responses: {
            /** @description For each list what is new on it, and whose verdicts would end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevocationListPreviews"];
                    "application/x-ndjson": components["schemas"]["RevocationListPreviewsLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listIntermediates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The intermediates. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Intermediates"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    importIntermediates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntermediateRequest"];
            };
        };
        responses: {
            /** @description Those that are new. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntermediateList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeIntermediate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                intermediateId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is forgotten. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    allowIntermediateSource: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntermediateSourceRequest"];
            };
        };
        responses: {
            /** @description The address is allowed; what came of asking it. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AskedIntermediateSource"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    forgetIntermediateSource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sourceId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is not asked any more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listRegisteredEks: {
        parameters: {
            query?: {
                /** @description Id of the last item already seen. */
                after?: components["parameters"]["After"];
                /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page, by digest. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegisteredEkPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    registerEk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SHA-256 of the key's SubjectPublicKeyInfo. */
                ekDigest: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EkRegistration"];
            };
        };
        responses: {
            /** @description The registration. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegisteredEk"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    unregisterEk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SHA-256 of the key's SubjectPublicKeyInfo. */
                ekDigest: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Unregistered. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndorsementsEnded"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listTokens: {
        parameters: {
            query?: {
                /** @description Id of the last item already seen. */
                after?: components["parameters"]["After"];
                /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page, in order of their id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            /** @description The token. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedToken"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tokenId: components["schemas"]["TokenId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description Only entries behind this one; from the oldest on, `next` of the page before. */
                after?: number;
                /** @description Only entries before this one; from the newest on, `next` of the page before. */
                before?: number;
                /** @description Which entry comes first. */
                order?: "oldest" | "newest";
                /** @description Only entries of then or later. */
                since?: components["schemas"]["Time"];
                /** @description Only entries of before then. */
                until?: components["schemas"]["Time"];
                /** @description Only what this one did: the actor as entries have it, the id of a token, or the name alone of a token, client certificate or host. */
                actor?: string;
                /** @description Only these actions, with commas between. */
                actions?: string;
                /** @description Only what is about this host, policy, quarantine, golden measurement, token or whatever it is. */
                subject?: string;
                /** @description Not what hosts and the server did by themselves. */
                byPeople?: boolean;
                /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAuditCheckpoint: {
        parameters: {
            query?: {
                /** @description Size of an earlier checkpoint. */
                from?: number;
                /** @description Sequence number of an entry whose place in the log is to be proved, and with it all entries before it. */
                entry?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The log as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditCheckpoint"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description The last cursor already seen. Without it a page begins with the first event of all, and those who wait or listen hear what is still to come. */
                after?: components["schemas"]["Cursor"];
                /** @description Only these kinds, with commas between. */
                kinds?: string;
                /** @description Only events about hosts with these labels, as `name=value` with commas between. */
                labels?: string;
                /** @description Only events about this host. */
                host?: components["schemas"]["HostId"];
                /** @description Seconds to wait for an event when there is none. */
                wait?: number;
                /** @description What each event is told as. */
                format?: "cloudevents" | "ocsf";
                /** @description At most so many. A page of large items holds fewer; `next` says where it goes on. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events, in the order in which they happened. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getLockout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its settings and state. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lockout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endLockout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LockoutEnd"];
            };
        };
        responses: {
            /** @description Nothing is held any more. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lockout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listBreakGlass: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The newest thousand. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakGlassList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    submitBreakGlass: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BreakGlassSubmission"];
            };
        };
        responses: {
            /** @description In force. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakGlassDetails"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getBreakGlass: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                breakGlassId: components["parameters"]["BreakGlassId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The statement. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakGlassDetails"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    endBreakGlass: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                breakGlassId: components["parameters"]["BreakGlassId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        responses: {
            /** @description Ended. Its hosts are what their evidence says. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakGlassDetails"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSubscriptions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscriptions, in order of their id. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriptionList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubscriptionRequest"];
            };
        };
        responses: {
            /** @description Events are on their way. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscriptionId: components["parameters"]["SubscriptionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    removeSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscriptionId: components["parameters"]["SubscriptionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    testSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscriptionId: components["parameters"]["SubscriptionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether it was acknowledged. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriptionTest"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    replaySubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                subscriptionId: components["parameters"]["SubscriptionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplayRequest"];
            };
        };
        responses: {
            /** @description The subscription. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getJwks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A JSON Web Key Set. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JsonWebKeySet"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCoseKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A COSE_KeySet in CBOR. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/cose-key-set": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listSigningKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At least the one that signs now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SigningKeyList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createSigningKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SigningKeyRequest"];
            };
        };
        responses: {
            /** @description The key, published. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SigningKey"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAttestationCaCertificate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An X.509 certificate. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pkix-cert": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAttestationCaCrl: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A certificate revocation list. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pkix-crl": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAttestationCaChain: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Certificates, one after the other. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pem-certificate-chain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listAttestationAuthorities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The one that issues, the one that shall, and those that did. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttestationAuthorityList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getAttestationAuthorityCrl: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                authorityId: components["schemas"]["Sha256Hex"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A certificate revocation list. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pkix-crl": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics in the text format of Prometheus. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain; version=0.0.4": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alive. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
