# The points of the sweep, and those of them that other sweeps have simulated already. The folder is named after the
# content of the sweep: an edited comment or a touched file computes nothing anew, a changed value or law does.
# A round of a refined sweep is laid out once the rounds before it are simulated.


rule design:
    input:
        rounds_before,
    output:
        f"{PART_FOLDER}/design.nc",
    log:
        f"{RESULTS}/logs/design/{{part}}.log",
    params:
        sweep=SWEEP.path.as_posix(),
        part=part_number,
    script:
        "../scripts/design.py"


rule known:
    input:
        f"{PART_FOLDER}/design.nc",
    output:
        f"{PART_FOLDER}/known/index.nc",
    log:
        f"{RESULTS}/logs/known/{{part}}.log",
    params:
        sweep=SWEEP.path.as_posix(),
        part=part_number,
        library=[folder.as_posix() for folder in SWEEP.library],
    script:
        "../scripts/known.py"
