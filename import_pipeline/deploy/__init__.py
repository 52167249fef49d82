"""What a deployment is made of, as `import-pipeline deploy` writes it out: files, and no code.

`common/` goes into every deployment in containers, the other folders into the kind of their name. A text in double
braces is replaced when they are written (`service/deploying.py`).
"""
